/** The shape of one setting, and the readers that turn text or JSON into its value. */
import { resolve } from "node:path";

/** What a value may be before it is read: text from flags and environment, JSON values from the file. */
export type RawValue = string | number | boolean;

/** What readers and defaults may know of their surroundings. */
export interface ReadContext {
  /** Absolute path against which relative paths are taken. */
  readonly cwd: string;
}

/** One setting: its names, what it takes, its default, and what people are told of it. */
export interface Setting<Value> {
  /** Name of the environment variable. */
  readonly environment: string;
  /** Long flag without dashes; null when there is none. */
  readonly flag: string | null;
  /** Completes "Expected SLUICE_PORT to be …". */
  readonly expected: string;
  /** The value, or undefined when `raw` is not what is expected. */
  readonly read: (raw: RawValue, context: ReadContext) => Value | undefined;
  /** The value when nobody gives one. `dir` is the final value of the setting of that name. */
  readonly fallback: (context: ReadContext & { readonly dir: string }) => Value;
  /** The default in words, for documentation. */
  readonly fallbackText: string;
  readonly description: string;
  /** `password`: a URL whose password is masked; `all`: nothing of it is ever shown. */
  readonly secret?: "password" | "all";
  /** For tests of Sluice itself: environment only, and not listed. */
  readonly isHidden?: true;
  /** Why it changes nothing at present; shown where it is set. */
  readonly noEffectYet?: string;
}

/** Reads text that is not empty. */
export function readText(raw: RawValue): string | undefined {
  return typeof raw === "string" && raw.trim() !== "" ? raw : undefined;
}

/** Reads a path and makes it absolute. */
export function readPath(raw: RawValue, context: ReadContext): string | undefined {
  const text = readText(raw);
  return text === undefined ? undefined : resolve(context.cwd, text);
}

/** Makes a reader of whole numbers from `least` to `most`. */
export function wholeNumber(least: number, most: number): (raw: RawValue) => number | undefined {
  return (raw) => {
    if (typeof raw === "boolean") return undefined;
    if (typeof raw === "string" && !/^\d{1,16}$/.test(raw.trim())) return undefined;
    const value = Number(raw);
    return Number.isSafeInteger(value) && value >= least && value <= most ? value : undefined;
  };
}

/** Makes a reader of one of the given words. */
export function oneOf<const Word extends string>(
  words: readonly Word[],
): (raw: RawValue) => Word | undefined {
  return (raw) => words.find((word) => word === raw);
}

/** Makes a reader of URLs of the given protocols (`https:`). Keeps the text as it is, without a final slash. */
export function urlOf(protocols: readonly string[]): (raw: RawValue) => string | undefined {
  return (raw) => {
    const text = readText(raw)?.trim();
    if (text === undefined || !URL.canParse(text)) return undefined;
    return protocols.includes(new URL(text).protocol) ? text.replace(/\/+$/, "") : undefined;
  };
}
