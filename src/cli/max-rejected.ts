/** The flag `--max-rejected`. */
import { SluiceError } from "../core/errors.ts";
import { PERCENTAGE, type MaxRejected } from "../core/rejection-limit.ts";
import type { FlagRule, Flags } from "./command.ts";

/** Its rule. */
export const MAX_REJECTED_FLAG: FlagRule = {
  value: "N|P%",
  description: "more rejected rows than this, or than this share, fail the job",
};

/** Its value, or undefined when it is absent. Errors: `usage`. */
export function maxRejectedOf(flags: Flags): MaxRejected | undefined {
  const text = flags.text("max-rejected");
  if (text?.endsWith("%") !== true) return flags.wholeNumber("max-rejected", 0);
  if (PERCENTAGE.test(text)) return text;
  throw new SluiceError(
    "usage",
    `Expected --max-rejected to be a number or a percentage from 0% to 100%, got ${JSON.stringify(text)}.`,
  );
}
