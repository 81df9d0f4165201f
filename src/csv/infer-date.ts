/**
 * Looks for dates that are not written as ISO 8601, and for what tells day and month apart: only a value above 12 does.
 * The finding is never a type by itself; it is offered to a person.
 */
import type { TypeOffer } from "../core/import-plan.ts";
import { DOT, isDigit, MINUS, SLASH } from "./bytes.ts";

const SEPARATORS: readonly number[] = [DOT, SLASH, MINUS];
const SHAPE = /^(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})(?:([ T])(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;

/**
 * What most values are not, told without the expression: a separator comes behind one to four digits. Behind four a hyphen
 * is that of ISO 8601, or of no date at all.
 */
function mayBeDate(value: string): boolean {
  if (value.length < 6 || value.length > 30) return false;
  for (let index = 0; index < 5; index++) {
    const unit = value.charCodeAt(index);
    if (!isDigit(unit))
      return index > 0 && SEPARATORS.includes(unit) && !(index === 4 && unit === MINUS);
  }
  return false;
}

/** What a column's values say about dates in it. */
export interface DateFinding {
  /** Whether more than half of the values are dates that do not say by themselves how they are read. */
  readonly isMajority: boolean;
  /** The first such date. */
  readonly example: string;
  /** The formats in which every value is a date: one is proven, two are a question, none when values disagree. */
  readonly formats: readonly string[];
  /** Values that only one format can read. */
  readonly decidingCount: number;
}

/** Collects the values of one column. */
export class DateShapes {
  #valueCount = 0;
  #shapedCount = 0;
  #deciding = 0;
  #example = "";
  #isDayFirst = true;
  #isMonthFirst = true;
  #isYearFirst = true;
  #hasShortParts = false;
  #hasShortHours = false;
  /** Separator of days, and how the time is written; null when values differ. */
  #frame: string | null | undefined;

  /** Takes a value that is no date, and not empty. */
  pass(): void {
    this.#valueCount++;
  }

  /** Takes the next value that is not empty. */
  add(value: string): void {
    this.#valueCount++;
    if (!mayBeDate(value)) return;
    const match = SHAPE.exec(value);
    if (match === null) return;
    const [, first = "", mark = "", second = "", third = "", gap = "", hour = "", , seconds] =
      match;
    this.#shapedCount++;
    if (this.#example === "") this.#example = value;
    const time = gap === "" ? "" : `${gap}HH:mm${seconds === undefined ? "" : ":ss"}`;
    const frame = `${mark}|${time}`;
    this.#frame = this.#frame === undefined || this.#frame === frame ? frame : null;
    if (hour.length === 1) this.#hasShortHours = true;
    this.#takeParts(first, second, third);
  }

  #takeParts(first: string, second: string, third: string): void {
    const isYearFirst = first.length === 4;
    this.#hasShortParts ||= second.length === 1 || (isYearFirst ? third : first).length === 1;
    this.#isYearFirst &&= isYearFirst && third.length <= 2 && isDay(first, second, third);
    const isYearLast = !isYearFirst && third.length === 4 && first.length <= 2;
    const isDayFirst = isYearLast && isDay(third, second, first);
    const isMonthFirst = isYearLast && isDay(third, first, second);
    if (isDayFirst !== isMonthFirst) this.#deciding++;
    this.#isDayFirst &&= isDayFirst;
    this.#isMonthFirst &&= isMonthFirst;
  }

  /** What was found; null when no value is such a date. */
  result(): DateFinding | null {
    if (this.#shapedCount === 0) return null;
    const isWhole = this.#shapedCount === this.#valueCount;
    return {
      isMajority: this.#shapedCount * 2 > this.#valueCount,
      example: this.#example,
      formats: isWhole && this.#frame != null ? this.#formats(this.#frame) : [],
      decidingCount: this.#deciding,
    };
  }

  #formats(frame: string): readonly string[] {
    const [mark = "", time = ""] = frame.split("|");
    const [day, month] = this.#hasShortParts ? ["D", "M"] : ["DD", "MM"];
    const clock = this.#hasShortHours ? time.replace("HH", "H") : time;
    // `T` would be a field of the format that is not offered.
    if (clock.startsWith("T")) return [];
    const orders = [
      { is: this.#isDayFirst, parts: [day, month, "YYYY"] },
      { is: this.#isMonthFirst, parts: [month, day, "YYYY"] },
      { is: this.#isYearFirst, parts: ["YYYY", month, day] },
    ];
    return orders.filter(({ is }) => is).map(({ parts }) => `${parts.join(mark)}${clock}`);
  }
}

function isDay(year: string, month: string, day: string): boolean {
  const text = `${year.padStart(4, "0")}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

const MONTH_NAMES =
  "January February March April May June July August September October November December".split(
    " ",
  );

/** The finding in words: what it proves, or what it asks. */
export function dateReason({ formats, example, decidingCount }: DateFinding): string {
  const [first, second] = formats;
  if (first === undefined) return "dates that can be read in more than one way";
  if (second === undefined && first.startsWith("Y")) return `dates as ${first}`;
  if (second === undefined) {
    const what = first.startsWith("D") ? "day" : "month";
    const values = decidingCount === 1 ? "1 value decides" : `${decidingCount} values decide`;
    return `dates, ${what} first: ${values}`;
  }
  const [one = 0, other = 0] = (example.match(/\d+/g) ?? []).map(Number);
  return `"${example}" could be ${one} ${MONTH_NAMES[other - 1]} or ${MONTH_NAMES[one - 1]} ${other}`;
}

/** The types that a person may choose by the finding. */
export function dateOffers(finding: DateFinding): readonly TypeOffer[] {
  const reason = dateReason(finding);
  return finding.formats.map((dateFormat) => ({
    type: /[Hh]/.test(dateFormat) ? "timestamp" : "date",
    dateFormat,
    reason,
  }));
}
