/** What columns of text could be besides, and the flags that say so. */
import type { PlanView } from "../client/index.ts";
import type { Style } from "./terminal/style.ts";
import { printable } from "./terminal/text.ts";

type Column = PlanView["columns"][number];
type Offer = NonNullable<Column["offers"]>[number];

const MOST_LINES = 6;

/** One line a column with offers, at most six: what it could be, why, and the flags for it. */
export function offerLines(columns: readonly Column[], style: Style): readonly string[] {
  const open = columns.filter(({ offers = [] }) => offers.length > 0);
  const lines = open.slice(0, MOST_LINES).map((column) => {
    const { offers = [] } = column;
    const [first, second] = offers;
    const reason = printable(first?.reason ?? "");
    const flags = offers.map((offer) => flagsFor(column, offer)).join("   or   ");
    const what = second === undefined ? `could be ${first?.type}` : "is a question";
    return `${style("run", "?")} ${printable(column.column)} ${what}: ${reason}.   ${flags}`;
  });
  const more = open.length - lines.length;
  return more > 0 ? [...lines, `  and ${more} more`] : lines;
}

function flagsFor({ column }: Column, offer: Offer): string {
  const name = printable(column);
  if (offer.dateFormat !== undefined)
    return `--date-formats ${quoted(`${name}=${offer.dateFormat}`)}`;
  const flags = [`--types ${quoted(`${name}=${offer.type}`)}`];
  if (offer.decimal !== undefined) flags.push(`--decimal ${offer.decimal}`);
  if (offer.group !== undefined) flags.push(`--group ${offer.group}`);
  return flags.join(" ");
}

function quoted(text: string): string {
  return /^[\w.=/:-]+$/.test(text) ? text : `"${text}"`;
}
