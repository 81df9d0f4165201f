/** What a request says about how values are written: numbers and zones for the whole file, dates column by column. */
import { SluiceError } from "../../core/errors.ts";
import type { ColumnType, PlannedColumn, ValueSpelling } from "../../core/import-plan.ts";
import type { ReadingOptions } from "../../core/reading-options.ts";
import { parseDateFormat, type DateFormat } from "../../csv/date-format.ts";
import { dateReason } from "../../csv/infer-date.ts";
import { invalidRequest } from "../../csv/invalid-request.ts";
import {
  isGroupCharacter,
  makeNumberRespelling,
  type Respelling,
} from "../../csv/number-spelling.ts";
import { findTimeZone } from "../../csv/time-zone.ts";
import { findField } from "./column-requests.ts";
import type { SampledColumn } from "./column-facts.ts";

const NUMBER_TYPES: readonly ColumnType[] = ["integer", "bigint", "numeric", "double precision"];
const TIME_TYPES: readonly ColumnType[] = ["timestamp", "timestamptz"];

type NumberSpelling = Pick<ValueSpelling, "decimal" | "group">;

/** How numbers are declared to be written. Errors: `invalid_request` for characters that cannot be. */
function numberSpelling({ decimal, group }: ReadingOptions): NumberSpelling {
  if (group !== undefined && (!isGroupCharacter(group) || group === (decimal ?? ".")))
    throw invalidRequest(
      "reading.group",
      `Expected group to be one of . , ' _ or a space, and not what stands before the fraction, got ${JSON.stringify(group)}.`,
    );
  return {
    ...(decimal === "," ? { decimal } : {}),
    ...(group === undefined ? {} : { group }),
  };
}

/** Reads numbers as declared; null where nothing is declared. */
export function numberRespelling(reading: ReadingOptions): Respelling | null {
  return makeNumberRespelling(numberSpelling(reading));
}

/** A declared format and the field that it is for. */
export interface DeclaredFormat extends DateFormat {
  readonly text: string;
}

/**
 * The declared formats by field. A key is the column's name (`names`, by field), its header, or its number as `#3`.
 * Errors: `invalid_request`.
 */
export function declaredFormats(
  headers: readonly string[],
  names: readonly (string | null)[],
  { dateFormats = {}, timeZone }: ReadingOptions,
): ReadonlyMap<number, DeclaredFormat> {
  if (timeZone !== undefined && findTimeZone(timeZone) === null)
    throw invalidRequest(
      "reading.timeZone",
      `Expected a time zone like Europe/Berlin or +02:00, got ${JSON.stringify(timeZone)}.`,
    );
  const formats = new Map<number, DeclaredFormat>();
  for (const [key, text] of Object.entries(dateFormats)) {
    const byName = names.indexOf(key);
    const field = byName >= 0 ? byName : findField(headers, key, "reading.dateFormats");
    if (field < 0 || names[field] === null || formats.has(field))
      throw invalidRequest(
        "reading.dateFormats",
        `Expected the name of a column, once, got ${JSON.stringify(key)}.`,
      );
    const format = parseDateFormat(text);
    if (format === null)
      throw invalidRequest(
        "reading.dateFormats",
        `Expected a format for ${JSON.stringify(key)} with day, month and year of four digits, such as DD.MM.YYYY, M/D/YYYY, D MMM YYYY or DD.MM.YYYY HH:mm, got ${JSON.stringify(text)}.`,
      );
    formats.set(field, { ...format, text });
  }
  return formats;
}

/**
 * The column with the spelling that applies to its type. Errors: `invalid_request` when a format is declared for a type
 * that it does not fit.
 */
export function withSpelling(
  column: PlannedColumn,
  reading: ReadingOptions,
  format: DeclaredFormat | undefined,
): PlannedColumn {
  const isTime = TIME_TYPES.includes(column.type);
  const fits = format?.hasTime === true ? isTime : column.type === "date";
  if (format !== undefined && !fits)
    throw invalidRequest(
      "reading.dateFormats",
      `Expected ${format.hasTime ? "a timestamp" : "a date"} for the format ${JSON.stringify(format.text)}, but ${column.column} is ${column.sqlType}.`,
    );
  const hasZone = column.type === "timestamptz" && reading.timeZone !== undefined;
  const spelling: ValueSpelling = {
    ...(NUMBER_TYPES.includes(column.type) ? numberSpelling(reading) : {}),
    ...(format === undefined ? {} : { dateFormat: format.text }),
    ...(hasZone ? { timeZone: reading.timeZone } : {}),
  };
  return Object.keys(spelling).length === 0 ? column : { ...column, spelling };
}

/**
 * Refuses a column of dates whose values do not say whether the day or the month comes first, and where nobody did.
 * Errors: `date_ambiguous`, with the format that the values prove, if they prove one.
 */
export function refuseAmbiguousDates(
  columns: readonly PlannedColumn[],
  sampled: readonly SampledColumn[],
): void {
  for (const { field, column, type, spelling } of columns) {
    const finding = sampled[field]?.dates ?? null;
    const isOpen = type === "date" && spelling?.dateFormat === undefined;
    if (!isOpen || finding?.isMajority !== true) continue;
    const [proposal, other] = finding.formats;
    const isProven = proposal !== undefined && other === undefined;
    const choice = finding.formats.length > 0 ? finding.formats.join(" or ") : "DD.MM.YYYY";
    throw new SluiceError(
      "date_ambiguous",
      `Expected dates like 2026-02-28 in ${column}, got ${dateReason(finding)}. Declare its format: ${choice}${isProven ? ", as the values show" : ""}.`,
      { details: { column, proposal: isProven ? proposal : null, formats: finding.formats } },
    );
  }
}
