/** Looks at a file as an import would: the plan, what decided it, the first records, and what would be rejected. */
import type { InspectOptions, Inspection } from "../../core/inspection.ts";
import type { FileStore, PlanInput } from "../../core/ports.ts";
import { readingWarnings } from "../../core/reading-notes.ts";
import { sampleRecords } from "./sample-columns.ts";
import { planWithText } from "./plan-import.ts";
import { withNearTypes } from "./near-types.ts";
import { storedFile } from "./read-sample.ts";
import { surveyFile } from "./survey-file.ts";
import { suspicionsOf } from "./suspicions.ts";

const SAMPLE_RECORDS = 20;
/** Characters of a value that are shown: what was found is told again and again, each time with the sample. */
const SHOWN_LENGTH = 1000;
/** Records that suspicions are told from. */
const SUSPECTED_RECORDS = 200;
/** A source up to this size is read to its end, which takes a second or two. */
const SMALL_BYTES = 64 * 1024 * 1024;
/** Of a larger one, so much is. */
const PARTLY_READ_BYTES = 16 * 1024 * 1024;

/** See `ImportPlanner.inspect`. */
export async function* inspectFile(
  files: Pick<FileStore, "open">,
  input: PlanInput,
  { readsAll, targetExists = false, signal }: InspectOptions,
): AsyncGenerator<Inspection, void> {
  const { plan, file, start } = planWithText(input);
  const isSmall = plan.source.bytes <= SMALL_BYTES;
  const maxBytes = readsAll || isSmall ? Infinity : PARTLY_READ_BYTES;
  const sampled = sampleRecords(file.text, { ...plan, start }, SUSPECTED_RECORDS);
  const records = sampled.map(({ fields }) => fields);
  const columns = withNearTypes(plan.columns, records, { isOffered: input.targetTable === null });
  const suspicions = suspicionsOf(plan, sampled);
  const stored = storedFile(files, input.file);
  const sample = records.slice(0, SAMPLE_RECORDS).map((record) => record.map(shown));
  for await (const survey of surveyFile(stored, plan, { maxBytes, signal })) {
    const noticed = readingWarnings(survey, survey.isWhole ? "" : " in what was read");
    yield {
      file: input.file,
      targetExists,
      plan: { ...plan, columns, warnings: [...suspicions, ...plan.warnings, ...noticed] },
      evidence: { encoding: file.encodingReason, delimiter: file.delimiterReason },
      survey,
      sample,
    };
  }
}

/** No character is cut in two. */
function shown(value: string): string {
  if (value.length <= SHOWN_LENGTH) return value;
  return `${value.slice(0, SHOWN_LENGTH).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
