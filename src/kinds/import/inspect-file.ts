/** Looks at a file as an import would: the plan, what decided it, the first records, and what would be rejected. */
import type { ImportPlan, PlanWarning } from "../../core/import-plan.ts";
import type { FileSurvey, Inspection } from "../../core/inspection.ts";
import type { FileStore, PlanInput } from "../../core/ports.ts";
import { sampleRecords } from "./sample-columns.ts";
import { planWithText } from "./plan-import.ts";
import { storedFile } from "./read-sample.ts";
import { surveyFile } from "./survey-file.ts";

const SAMPLE_RECORDS = 20;
/** A source up to this size is read to its end, which takes a second or two. */
const SMALL_BYTES = 64 * 1024 * 1024;
/** Of a larger one, so much is. */
const PARTLY_READ_BYTES = 16 * 1024 * 1024;

/** See `ImportPlanner.inspect`. */
export async function inspectFile(
  files: Pick<FileStore, "open">,
  input: PlanInput,
  { readsAll }: { readonly readsAll: boolean },
): Promise<Inspection> {
  const { plan, file, start } = planWithText(input);
  const isSmall = plan.source.bytes <= SMALL_BYTES;
  const maxBytes = readsAll || isSmall ? Infinity : PARTLY_READ_BYTES;
  const survey = await surveyFile(storedFile(files, input.file), plan, maxBytes);
  return {
    file: input.file,
    plan: { ...plan, warnings: [...plan.warnings, ...surveyWarnings(survey, plan)] },
    evidence: { encoding: file.encodingReason, delimiter: file.delimiterReason },
    survey,
    sample: sampleRecords(file.text, { ...plan, start }, SAMPLE_RECORDS),
  };
}

/** What reading the records shows and the plan cannot know. Nothing of it keeps a record out. */
function surveyWarnings(
  { lineEnds, blankLines, bareQuotes, isWhole }: FileSurvey,
  { reading, width }: ImportPlan,
): readonly PlanWarning[] {
  const where = isWhole ? "" : " in what was read";
  const kinds = Object.entries({ LF: lineEnds.lf, CRLF: lineEnds.crlf, CR: lineEnds.cr }).filter(
    ([, count]) => count > 0,
  );
  const warnings: PlanWarning[] = [];
  if (kinds.length > 1)
    warnings.push({
      code: "mixed_line_ends",
      message: `Line ends are mixed${where}: ${kinds.map(([name, count]) => `${name} ${count} times`).join(", ")}. Each ends a record.`,
    });
  if (blankLines > 0 && !(reading.blankLines === "null" && width === 1))
    warnings.push({
      code: "blank_lines",
      message: `${blankLines === 1 ? "1 blank line is" : `${blankLines} blank lines are`} left out${where}.`,
    });
  if (bareQuotes > 0)
    warnings.push({
      code: "bare_quote",
      message: `Quotes inside unquoted fields are data, in ${bareQuotes === 1 ? "1 record" : `${bareQuotes} records`}${where}.`,
    });
  return warnings;
}
