/** Looks for what a column of text could be if a person says so: dates, numbers with a comma, JSON. */
import type { TypeOffer, ValueSpelling } from "../core/import-plan.ts";
import { isJson } from "./check-json.ts";
import { dateOffers, DateShapes, type DateFinding } from "./infer-date.ts";
import { isPlainNumber } from "./infer-type.ts";
import { makeNumberRespelling, respellNumber, type Respelling } from "./number-spelling.ts";

/** The ways of writing numbers that are offered, the plainest first. */
const NUMBER_SPELLINGS: readonly {
  readonly spelling: Pick<ValueSpelling, "decimal" | "group">;
  readonly respelling: Respelling | null;
  readonly reason: string;
}[] = [
  { spelling: { decimal: "," as const }, reason: "numbers with a decimal comma" },
  { spelling: { group: "," }, reason: "numbers with commas between thousands" },
  {
    spelling: { decimal: "," as const, group: "." },
    reason: "numbers with a decimal comma and points between thousands",
  },
].map((each) => ({ ...each, respelling: makeNumberRespelling(each.spelling) }));

const NUMBER_LIKE = /^[+-]?\d[\d.,]*$/;

/** Collects the values of one column. */
export class OfferInference {
  readonly #dates = new DateShapes();
  #numbers = NUMBER_SPELLINGS;
  #hasComma = false;
  #isJson = true;
  #valueCount = 0;

  /** Whether no value that follows can make it anything but dates. */
  get isDatesAlone(): boolean {
    return this.#numbers.length === 0 && !this.#isJson;
  }

  /** Takes a value that is no date, and not empty, without looking at it. */
  pass(): void {
    this.#valueCount++;
    this.#dates.pass();
  }

  /** Takes the next value that is not empty. `whole` makes the value that was not cut, where it is long. */
  add(value: string, whole: () => string): void {
    this.#valueCount++;
    this.#dates.add(value);
    if (this.#isJson) this.#isJson = /^\s*[[{]/.test(value) && isJson(whole());
    if (this.#numbers.length === 0) return;
    this.#hasComma ||= value.includes(",");
    if (!NUMBER_LIKE.test(value)) this.#numbers = [];
    else if (/[.,]/.test(value))
      this.#numbers = this.#numbers.filter(({ respelling }) => {
        const number = respelling === null ? value : respellNumber(respelling, value);
        return number !== null && isPlainNumber(number);
      });
  }

  /** What the values say about dates; null when nothing. */
  dates(): DateFinding | null {
    return this.#dates.result();
  }

  /** The types that a person may choose. */
  result(): readonly TypeOffer[] {
    if (this.#valueCount === 0) return [];
    const dates = this.dates();
    const offers = dates === null ? [] : [...dateOffers(dates)];
    if (this.#isJson) offers.push({ type: "jsonb", reason: "every value is JSON" });
    if (!this.#hasComma) return offers;
    // Points between thousands are offered only where a value has them: the plain spelling reads all others.
    const numbers = this.#numbers;
    const plain = numbers.some(({ spelling }) => spelling.group === undefined);
    return [
      ...offers,
      ...numbers
        .filter(({ spelling }) => !(plain && spelling.group === "."))
        .map(({ spelling, reason }) => ({ type: "numeric" as const, ...spelling, reason })),
    ];
  }
}
