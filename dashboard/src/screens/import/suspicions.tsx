import type { Inspection } from "../../api/types.ts";
import { exchangeColumns, type Draft } from "../../imports/draft.ts";
import type { ImportPlan } from "../../imports/use-import-plan.ts";

type Warning = Inspection["warnings"][number];

/** What a click does about a warning; null where a person has to decide more. */
function cureOf(
  { code, columns = [], values = [] }: Warning,
  draft: Draft,
  { mapping }: ImportPlan,
): readonly [string, Draft] | null {
  const { reading } = draft;
  if (code === "columns_look_exchanged")
    return ["Exchange them", exchangeColumns(draft, mapping, columns)];
  if (code === "header_looks_like_title") {
    const skipLines = Number(values[0]) - 1;
    return ["Leave it out", { ...draft, reading: { ...reading, skipLines } }];
  }
  if (code === "header_looks_like_data")
    return ["Read it as a row", { ...draft, reading: { ...reading, header: false } }];
  if (code !== "words_for_null") return null;
  const nullValues = [...(reading.nullValues ?? []), ...values];
  return ["Read them as no value", { ...draft, reading: { ...reading, nullValues } }];
}

/** Warnings of something that looks wrong. How columns are named the mapping shows. */
export function suspicionsOf(warnings: readonly Warning[]): readonly Warning[] {
  return warnings.filter(({ code }) => code !== "header_renamed");
}

/** What looks wrong, each with a cure of one click where there is one. */
export function Suspicions({
  draft,
  known,
  onChange,
}: {
  draft: Draft;
  known: ImportPlan;
  onChange: (draft: Draft) => void;
}) {
  return (
    <>
      {suspicionsOf(known.inspection?.warnings ?? []).map((warning) => {
        const cure = cureOf(warning, draft, known);
        return (
          <div class="note warn" key={warning.code}>
            {warning.message}{" "}
            {cure !== null && (
              <button type="button" onClick={() => onChange(cure[1])}>
                {cure[0]}
              </button>
            )}
          </div>
        );
      })}
    </>
  );
}
