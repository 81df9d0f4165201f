/** The speed of a job: the flag `--speed`, and the steps of the keys `+` and `-`. */
import { SluiceError } from "../core/errors.ts";
import { MOST_RECORDS_PER_SECOND } from "../core/job.ts";
import type { JobView } from "../client/index.ts";
import type { FlagRule, Flags } from "./command.ts";
import { formatCount } from "./format.ts";

/** Its rule. */
export const SPEED_FLAG: FlagRule = {
  value: "N/s",
  description: "at most N rows a second; as fast as can be unless told",
};

/** Its value, `5000/s` or `5000`, as the field of a request; empty when it is absent. Errors: `usage`. */
export function speedOf(flags: Flags): { readonly maxRecordsPerSecond?: number } {
  const text = flags.text("speed");
  if (text === undefined) return {};
  const [, digits = "0"] = /^(\d{1,8})(?:\/s)?$/.exec(text) ?? [];
  const speed = Number(digits);
  if (speed >= 1 && speed <= MOST_RECORDS_PER_SECOND) return { maxRecordsPerSecond: speed };
  throw new SluiceError(
    "usage",
    `Expected --speed to be rows a second, such as 5000/s, from 1 to ${formatCount(MOST_RECORDS_PER_SECOND)}, got ${JSON.stringify(text)}.`,
  );
}

/** The limits that the keys step through: 1, 2, 5, 10, 20, … 1,000,000. */
const STEPS = Array.from({ length: 7 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power))
  .flat()
  .filter((step) => step <= 1_000_000);

/** The next limit up, and full speed at last. */
export function fasterThan({ maxRecordsPerSecond: limit }: JobView): number | null {
  return limit === null ? null : (STEPS.find((step) => step > limit) ?? null);
}

/** The next limit down from the one that holds, else from the rate so far. */
export function slowerThan({ maxRecordsPerSecond: limit, progress }: JobView): number {
  const from = limit ?? progress.recordsPerSecond ?? Infinity;
  return STEPS.findLast((step) => step < from) ?? 1;
}

/** The speed of a job in words: `5,000 rows/s`. */
export function speedText(limit: number | null): string {
  return limit === null ? "full speed" : `${formatCount(limit)} rows/s`;
}
