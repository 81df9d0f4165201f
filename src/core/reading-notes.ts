/** What reading a file notices and keeps no record out for: counted with every chunk, and said as warnings. */
import type { PlanWarning } from "./import-plan.ts";

/** Counts over the records of a chunk, a job or an inspection. */
export interface ReadingNotes {
  /** Records with a quote inside an unquoted field, which is data. */
  readonly bareQuotes: number;
  /** Lines with nothing in them, which are left out. */
  readonly blankLines: number;
  /** How often each line end ends a record or a blank line. */
  readonly lineEnds: { readonly lf: number; readonly crlf: number; readonly cr: number };
}

/**
 * The warnings that follow from notes, at most one a code. `where` says of which records, with a space before it; empty
 * for all of the file.
 */
export function readingWarnings(
  { bareQuotes, blankLines, lineEnds }: ReadingNotes,
  where = "",
): readonly PlanWarning[] {
  const kinds = Object.entries({ LF: lineEnds.lf, CRLF: lineEnds.crlf, CR: lineEnds.cr }).filter(
    ([, count]) => count > 0,
  );
  const warnings: PlanWarning[] = [];
  if (kinds.length > 1)
    warnings.push({
      code: "mixed_line_ends",
      message: `Line ends are mixed${where}: ${kinds.map(([name, count]) => `${name} ${times(count)}`).join(", ")}. Each ends a record.`,
    });
  if (blankLines > 0)
    warnings.push({
      code: "blank_lines",
      message: `${blankLines === 1 ? "1 blank line is" : `${inGroups(blankLines)} blank lines are`} left out${where}.`,
    });
  if (bareQuotes > 0)
    warnings.push({
      code: "bare_quote",
      message: `Quotes inside unquoted fields are data, in ${bareQuotes === 1 ? "1 record" : `${inGroups(bareQuotes)} records`}${where}.`,
    });
  return warnings;
}

function times(count: number): string {
  return count === 1 ? "once" : `${inGroups(count)} times`;
}

function inGroups(count: number): string {
  return count.toLocaleString("en-US");
}
