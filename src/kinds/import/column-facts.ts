/**
 * What the sampled values of one column say. A column whose type is open is told from its values; one whose type is given
 * is looked at for what a person should know alone. Most values say nothing new, which their first byte tells: of those
 * no string is made.
 */
import type { ColumnType, TypeOffer } from "../../core/import-plan.ts";
import { isDigit, isLetter, MINUS, PLUS, ZERO } from "../../csv/bytes.ts";
import { DateShapes, dateReason, type DateFinding } from "../../csv/infer-date.ts";
import { OfferInference } from "../../csv/infer-offers.ts";
import { TypeInference, type InferredType } from "../../csv/infer-type.ts";
import type { Respelling } from "../../csv/number-spelling.ts";

/** What the values of one column look like. */
export interface SampledColumn extends InferredType {
  /** The first value with a leading zero, which a number would lose. */
  readonly leadingZero: string | null;
  /** The first value of a text that a spreadsheet would run as a formula. */
  readonly formula: string | null;
  /** What its values say about dates that are not ISO 8601. */
  readonly dates: DateFinding | null;
  /** Types that a person may choose instead. */
  readonly offers: readonly TypeOffer[];
}

/** Collects the values of one column. */
export interface ColumnFacts {
  /** Whether a value that begins with this byte, and is not empty, may say something new. Others go to `pass`. */
  isNews(firstByte: number): boolean;
  /** Takes a value without looking at it. */
  pass(): void;
  /** Takes a value. `whole` reads it uncut; `isQuoted` tells the empty string from null. */
  add(value: string, isQuoted: boolean, whole: () => string): void;
  /** What they say. `isWhole`: no values follow. */
  result(isWhole: boolean): SampledColumn;
}

/** What is known of a column before its values are looked at: its type, that it is left out, or nothing. */
export type GivenType = ColumnType | "left out" | null;

/** `respelling` reads numbers as they are declared to be written. */
export function makeColumnFacts(given: GivenType, respelling: Respelling | null): ColumnFacts {
  return given === null ? new OpenColumn(respelling) : new GivenColumn(given);
}

const NUMBER_TYPES: readonly GivenType[] = ["integer", "bigint", "numeric", "double precision"];
const LEADING_ZERO = /^[+-]?0\d/;
/**
 * What a spreadsheet runs as a formula: these first characters, also full-width and after spaces. A plain number is
 * none, whatever its sign.
 */
const FORMULA = /^(?:\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r\n])/;
const SIGNED_NUMBER = /^[+-]?[\d.,\s]*\d[\d.,]*%?(?:[eE][+-]?\d+)?$/;

function isFormula(value: string): boolean {
  return FORMULA.test(value) && !SIGNED_NUMBER.test(value);
}

/** A column whose type its values tell. */
class OpenColumn implements ColumnFacts {
  readonly #types: TypeInference;
  readonly #offers = new OfferInference();
  #leadingZero: string | null = null;
  #formula: string | null = null;

  constructor(respelling: Respelling | null) {
    this.#types = new TypeInference(respelling);
  }

  /** Of a text that can be nothing else only dates, zeros and formulas are news, and none begins with a letter. */
  isNews(firstByte: number): boolean {
    return !(this.#types.isText && this.#offers.isDatesAlone && isLetter(firstByte));
  }

  pass(): void {
    this.#types.pass();
    this.#offers.pass();
  }

  add(value: string, isQuoted: boolean, whole: () => string): void {
    this.#types.add(value, isQuoted);
    if (value === "") return;
    this.#offers.add(value, whole);
    if (this.#leadingZero === null && LEADING_ZERO.test(value)) this.#leadingZero = value;
    if (this.#formula === null && isFormula(value)) this.#formula = value;
  }

  result(isWhole: boolean): SampledColumn {
    const { type, reason } = this.#types.result(isWhole);
    const isText = type === "text";
    const dates = this.#offers.dates();
    const isDates = isText && dates !== null && dates.formats.length > 0;
    return {
      type,
      reason: isDates ? dateReason(dates) : reason,
      leadingZero: this.#leadingZero,
      formula: isText ? this.#formula : null,
      dates,
      offers: isText ? this.#offers.result() : [],
    };
  }
}

/** A column whose type somebody declared or the table has, or that is left out. */
class GivenColumn implements ColumnFacts {
  readonly #type: ColumnType | "left out";
  readonly #dates = new DateShapes();
  #leadingZero: string | null = null;
  #formula: string | null = null;

  constructor(type: ColumnType | "left out") {
    this.#type = type;
  }

  isNews(firstByte: number): boolean {
    if (this.#type === "text")
      return this.#formula === null && !isLetter(firstByte) && !isDigit(firstByte);
    if (this.#type === "date") return true;
    if (this.#leadingZero !== null || !NUMBER_TYPES.includes(this.#type)) return false;
    return firstByte === ZERO || firstByte === PLUS || firstByte === MINUS;
  }

  pass(): void {
    /* nothing is counted that a type is told from */
  }

  add(value: string): void {
    if (value === "") return;
    if (this.#type === "date") return this.#dates.add(value);
    if (this.#type === "text") {
      if (this.#formula === null && isFormula(value)) this.#formula = value;
    } else if (this.#leadingZero === null && LEADING_ZERO.test(value)) this.#leadingZero = value;
  }

  result(): SampledColumn {
    return {
      type: this.#type === "left out" ? "text" : this.#type,
      reason: "given",
      leadingZero: this.#leadingZero,
      formula: this.#formula,
      dates: this.#dates.result(),
      offers: [],
    };
  }
}
