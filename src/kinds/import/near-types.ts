/** Columns of text of which nearly every value is a number or a date: that type is offered, and the others are rejected. */
import type { PlannedColumn, TypeOffer } from "../../core/import-plan.ts";
import { isInferable, TypeInference } from "../../csv/infer-type.ts";

/** So many values are needed, and such a share of them. */
const LEAST_VALUES = 20;
const NEARLY_ALL = 0.9;

/** The columns, with such an offer where there is none already. Only for columns whose types can still be chosen. */
export function withNearTypes(
  columns: readonly PlannedColumn[],
  records: readonly (readonly string[])[],
  { isOffered }: { readonly isOffered: boolean },
): readonly PlannedColumn[] {
  if (!isOffered) return columns;
  return columns.map((column) => {
    if (!isTold(column) || column.offers !== undefined) return column;
    const values = records.map((record) => record[column.field] ?? "");
    const offer = nearType(values.filter((value) => value !== ""));
    return offer === null ? column : { ...column, offers: [offer] };
  });
}

/** Whether it is a text because of its values, and not because somebody said so. */
function isTold({ type, reason }: PlannedColumn): boolean {
  return type === "text" && !reason.startsWith("declared");
}

/** The type of the values that have one; null when too many have none. */
function nearType(values: readonly string[]): TypeOffer | null {
  if (values.length < LEAST_VALUES) return null;
  const fitting = values.filter((value) => typeOf([value]) !== "text");
  if (fitting.length < values.length * NEARLY_ALL) return null;
  const type = typeOf(fitting);
  if (!isInferable(type)) return null;
  return {
    type,
    reason: `${fitting.length} of the first ${values.length} values are; what is not is rejected`,
  };
}

function typeOf(values: readonly string[]) {
  const inference = new TypeInference();
  for (const value of values) inference.add(value, false);
  return inference.result(true).type;
}
