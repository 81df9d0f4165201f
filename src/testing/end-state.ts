/** What a process leaves behind, and how two ends differ. */
import { isDeepStrictEqual } from "node:util";
import type { Rejection } from "../core/rejection.ts";

/** A record that was rejected. */
export type RejectedRecord = Pick<Rejection, "record" | "line" | "column" | "code" | "message">;

/** Everything that a run has left. */
export interface EndState {
  readonly counters: {
    readonly read: number;
    /** Run and not rejected. */
    readonly written: number;
    readonly rejected: number;
  };
  /** Rows of every table that is not Sluice's own, by `schema.table`, sorted by their JSON, without the columns to ignore. */
  readonly tables: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  /** The result file; null when the process writes none. */
  readonly output: string | null;
  readonly rejections: readonly RejectedRecord[];
  /** What `outside.read` said. */
  readonly outside: unknown;
}

/** How many rows or lines of one kind a difference shows. */
const SHOWN = 5;
const SHOWN_CHARACTERS = 300;

/** The differences of two ends, for people; empty when they are the same. */
export function differencesOf(calm: EndState, crashed: EndState): readonly string[] {
  const said: string[] = [];
  for (const name of ["read", "written", "rejected"] as const)
    if (calm.counters[name] !== crashed.counters[name])
      said.push(
        `${name}: ${calm.counters[name]} without crashes, ${crashed.counters[name]} with them.`,
      );
  const tables = new Set([...Object.keys(calm.tables), ...Object.keys(crashed.tables)]);
  for (const table of [...tables].toSorted())
    said.push(...differentRows(table, calm.tables[table] ?? [], crashed.tables[table] ?? []));
  said.push(...differentRows("rejections", calm.rejections, crashed.rejections));
  if (calm.output !== crashed.output) said.push(differentOutput(calm.output, crashed.output));
  if (!isDeepStrictEqual(calm.outside, crashed.outside))
    said.push(
      `outside: ${shown(calm.outside)} without crashes, ${shown(crashed.outside)} with them.`,
    );
  return said;
}

function differentRows(
  what: string,
  calm: readonly unknown[],
  crashed: readonly unknown[],
): readonly string[] {
  const missing = without(calm, crashed);
  const added = without(crashed, calm);
  const lines = [
    ...listed(`${what}: only without crashes`, missing),
    ...listed(`${what}: only with crashes`, added),
  ];
  return lines;
}

/** The items of `all` that `others` does not have, or not as often. */
function without(all: readonly unknown[], others: readonly unknown[]): readonly string[] {
  const left = new Map<string, number>();
  for (const other of others) {
    const text = JSON.stringify(other);
    left.set(text, (left.get(text) ?? 0) + 1);
  }
  return all
    .map((item) => JSON.stringify(item))
    .filter((text) => {
      const count = left.get(text) ?? 0;
      left.set(text, count - 1);
      return count <= 0;
    });
}

function listed(what: string, rows: readonly string[]): readonly string[] {
  if (rows.length === 0) return [];
  const more = rows.length > SHOWN ? `, and ${rows.length - SHOWN} more` : "";
  return [`${what}: ${rows.slice(0, SHOWN).map(cut).join(", ")}${more}.`];
}

function differentOutput(calm: string | null, crashed: string | null): string {
  const [one, other] = [calm?.split("\n") ?? [], crashed?.split("\n") ?? []];
  const at = one.findIndex((line, index) => line !== other[index]);
  const index = at < 0 ? one.length : at;
  return `output, line ${index + 1}: ${shown(one[index])} without crashes, ${shown(other[index])} with them.`;
}

function shown(value: unknown): string {
  return cut(JSON.stringify(value) ?? "nothing");
}

function cut(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
