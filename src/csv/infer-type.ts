/**
 * Infers the type of a column from sampled values.
 *
 * A type is inferred only if every sampled value would be written out again unchanged (the spelling of times excepted);
 * anything else is text, with the reason. So leading zeros, `+`, `1e5`, upper-case UUIDs and seven-digit fractions all
 * make a column text, though PostgreSQL would take them.
 */
import type { ColumnType } from "../core/import-plan.ts";
import { checkDate, makeTimestampCheck } from "./check-time.ts";
import { respellNumber, type Respelling } from "./number-spelling.ts";

/** A type and why. */
export interface InferredType {
  readonly type: ColumnType;
  readonly reason: string;
}

/** The spellings that are told apart; a column keeps those that every value fits. */
type Spelling =
  "integer" | "bigint" | "numeric" | "boolean" | "date" | "timestamp" | "timestamptz" | "uuid";

const INTEGER = /^(?:0|-?[1-9]\d{0,5})$/;
const BIGINT = /^(?:0|-?[1-9]\d{0,17})$/;
const DECIMAL = /^(?:0|-?[1-9]\d{0,17}|-?(?:0|[1-9]\d{0,99})\.\d{1,100})$/;
const MINUS_ZERO = /^-0\.0+$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const ENCODER = new TextEncoder();
/** No time is written longer, in characters. */
const LONGEST_TIME = 40;
/** Values of any bytes: at most three for each UTF-16 unit. */
const SCRATCH = new Uint8Array(3 * LONGEST_TIME);
const isPlainTimestamp = makeTimestampCheck("none", 6);
const isZonedTimestamp = makeTimestampCheck("named", 6);

const TESTS: Readonly<Record<Spelling, (value: string) => boolean>> = {
  integer: (value) => INTEGER.test(value),
  bigint: (value) => BIGINT.test(value),
  numeric: (value) => DECIMAL.test(value) && !MINUS_ZERO.test(value),
  boolean: (value) => value === "true" || value === "false",
  date: (value) => passes(checkDate, value),
  timestamp: (value) => passes(isPlainTimestamp, value),
  timestamptz: (value) => passes(isZonedTimestamp, value),
  uuid: (value) => UUID.test(value),
};

/** From the narrowest to the widest: the first that every value fits is the type. */
const SPELLINGS = Object.keys(TESTS) as readonly Spelling[]; // keys of a record of exactly these

const REASONS: Readonly<Record<Spelling, string>> = {
  integer: "whole numbers of up to 6 digits",
  bigint: "whole numbers of up to 18 digits",
  numeric: "decimal numbers",
  boolean: "only true and false",
  date: "dates",
  timestamp: "times without zone",
  timestamptz: "times with zone",
  uuid: "UUIDs",
};

/** Why a value that looks like a number or a date is text all the same. */
const LOOKALIKES: readonly { readonly test: RegExp; readonly reason: string }[] = [
  { test: /^[+-]?0\d+$/, reason: "leading zeros" },
  { test: /^-?\d{19,}$/, reason: "numbers of 19 digits or more" },
  { test: /^\+\d/, reason: "plus signs" },
  { test: /^\s|\s$/, reason: "spaces around values" },
  { test: /^[$€£]\s?\d|\d\s?[%€$£]$/, reason: "currency or percent signs" },
  {
    test: /^-?\d{1,3}(?:[.,]\d{3})+(?:[.,]\d+)?$|^-?\d+,\d+$/,
    reason: "decimal commas or grouped digits",
  },
  { test: /^-?\d+(?:\.\d+)?[eE][+-]?\d+$/, reason: "exponents, which may be codes" },
  {
    test: /^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$/,
    reason: "dates that can be read in more than one way",
  },
];

/** The spellings that a declared decimal or group character applies to. */
const NUMBERS: readonly Spelling[] = ["integer", "bigint", "numeric"];

/** Whether a value is a number as inference takes it, once it is written as PostgreSQL reads it. */
export function isPlainNumber(value: string): boolean {
  return TESTS.bigint(value) || TESTS.numeric(value);
}

/** Whether values alone can tell the type. Text is what is left when they do not. */
export function isInferable(type: ColumnType | undefined): boolean {
  return SPELLINGS.some((spelling) => spelling === type);
}

/** Collects the values of one column. */
export class TypeInference {
  readonly #respelling: Respelling | null;
  #spellings: readonly Spelling[] = SPELLINGS;
  #valueCount = 0;
  #hasQuotedEmpty = false;
  #misfit: string | null = null;
  /** Whether each value so far is a number above the one before. */
  #isRising = true;
  #last = Number.NEGATIVE_INFINITY;

  /** `respelling` reads numbers as they are declared to be written. */
  constructor(respelling: Respelling | null = null) {
    this.#respelling = respelling;
  }

  /** Whether no value that follows can make it anything but text. */
  get isText(): boolean {
    return this.#spellings.length === 0;
  }

  /** Takes a value that is not empty without looking at it; for texts. */
  pass(): void {
    this.#valueCount++;
  }

  /** Takes the next sampled value; `isQuoted` tells the empty string from null. */
  add(value: string, isQuoted: boolean): void {
    if (value === "") {
      this.#hasQuotedEmpty ||= isQuoted;
      return;
    }
    this.#valueCount++;
    if (this.#spellings.length === 0) return;
    if (this.#isRising) this.#rise(Number(value));
    const number = this.#respelling === null ? value : respellNumber(this.#respelling, value);
    const fits = (spelling: Spelling): boolean =>
      NUMBERS.includes(spelling)
        ? number !== null && TESTS[spelling](number)
        : TESTS[spelling](value);
    if (this.#spellings.every(fits)) return;
    this.#spellings = this.#spellings.filter(fits);
    if (this.#spellings.length === 0) this.#misfit = value;
  }

  #rise(value: number): void {
    this.#isRising = value > this.#last;
    this.#last = value;
  }

  /**
   * The type that every value so far fits. Where more values follow, numbers that rise from one to the next get room to
   * go on: the largest of them is the last, which nobody has seen.
   */
  result(isWhole: boolean): InferredType {
    if (this.#valueCount === 0) return { type: "text", reason: "no values in the sample" };
    const [narrowest] = this.#spellings;
    if (narrowest === undefined) return { type: "text", reason: this.#textReason() };
    if (this.#hasQuotedEmpty)
      return { type: "text", reason: `${REASONS[narrowest]}, but also quoted empty values` };
    if (narrowest === "integer" && this.#isRising && !isWhole)
      return { type: "bigint", reason: "whole numbers that rise from row to row" };
    return { type: narrowest, reason: REASONS[narrowest] };
  }

  /** Told by the value that left no other type. */
  #textReason(): string {
    const value = this.#misfit ?? "";
    const isTime = TESTS.timestamp(value) || TESTS.timestamptz(value);
    if (isTime && this.#valueCount > 1)
      return "times mixed with other values, or with and without zone";
    const lookalike = LOOKALIKES.find(({ test }) => test.test(value));
    if (lookalike !== undefined) return lookalike.reason;
    return `text such as "${value.length > 30 ? `${value.slice(0, 30)}…` : value}"`;
  }
}

function passes(
  check: (bytes: Uint8Array, start: number, end: number) => unknown,
  value: string,
): boolean {
  if (value.length > LONGEST_TIME) return false;
  return check(SCRATCH, 0, ENCODER.encodeInto(value, SCRATCH).written) === null;
}
