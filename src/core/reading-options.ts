/**
 * The one table of reading options: what may be said about how a file is read. The schema of the API, the flags of the
 * command line and the decisions of a plan are made from it, so an option is added here and nowhere else.
 */

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
/** A V8 string ends at 512 MiB, a PostgreSQL value at 1 GB. */
const LARGEST_VALUE_BYTES = 256 * MIB;

/** One option. `description` is a phrase for help texts and the API page. */
export type ReadingOption = { readonly description: string } & (
  | { readonly kind: "text"; readonly value: string; readonly maxLength: number }
  /** One ASCII character. */
  | { readonly kind: "character" }
  | { readonly kind: "switch"; readonly default: boolean }
  | { readonly kind: "choice"; readonly of: readonly [string, ...string[]] }
  | { readonly kind: "texts"; readonly maxLength: number; readonly maxCount: number }
  | {
      readonly kind: "count";
      readonly least: number;
      readonly most: number;
      readonly default: number;
    }
);

/** Every option by its name in a request. The first choice of a `choice` is the default. */
export const READING_OPTIONS = {
  encoding: {
    kind: "text",
    value: "NAME",
    maxLength: 40,
    description: "utf-8 unless told otherwise; windows-1252, utf-16le, shift_jis, …",
  },
  delimiter: {
    kind: "text",
    value: "TEXT",
    maxLength: 20,
    description: "one or more characters, or tab; found out unless told",
  },
  quote: { kind: "character", description: 'one character; " unless told otherwise' },
  escape: { kind: "character", description: "one character; the quote unless told otherwise" },
  header: { kind: "switch", default: true, description: "the first line is data already" },
  skipLines: {
    kind: "count",
    least: 0,
    most: 1_000_000,
    default: 0,
    description: "lines to leave out before the header",
  },
  comment: { kind: "character", description: "lines that begin with it are left out" },
  trim: { kind: "switch", default: false, description: "take spaces and tabs around fields away" },
  nullValues: {
    kind: "texts",
    maxLength: 1000,
    maxCount: 100,
    description: "unquoted fields that mean no value, such as NULL",
  },
  blankLines: {
    kind: "choice",
    of: ["skip", "null"],
    description: "in files of one column, null makes a record of a blank line",
  },
  shortRecords: {
    kind: "choice",
    of: ["reject", "pad"],
    description: "pad gives records with too few fields no value in the others",
  },
  longRecords: {
    kind: "choice",
    of: ["reject", "trimEmpty"],
    description: "trimEmpty leaves out fields too many that are empty",
  },
  nul: {
    kind: "choice",
    of: ["reject", "replace"],
    description: "replace writes U+FFFD for the NUL character",
  },
  brokenQuotes: {
    kind: "choice",
    of: ["reject", "fail"],
    description: "fail ends the job at text after a closing quote",
  },
  maxFieldBytes: {
    kind: "count",
    least: 1,
    most: LARGEST_VALUE_BYTES,
    default: MIB,
    description: "records with a longer field are rejected",
  },
  maxRecordBytes: {
    kind: "count",
    least: 1,
    most: LARGEST_VALUE_BYTES,
    default: 16 * MIB,
    description: "a longer record ends the job",
  },
  maxInflatedBytes: {
    kind: "count",
    least: 1,
    most: 1024 * GIB,
    default: 64 * GIB,
    description: "a compressed file may hold at most this",
  },
  maxInflateRatio: {
    kind: "count",
    least: 1,
    most: 2000,
    default: 250,
    description: "and at most this many times its own size, from 16 MiB on",
  },
} as const satisfies Record<string, ReadingOption>;

type Options = typeof READING_OPTIONS;

/** Name of a reading option. */
export type ReadingOptionName = keyof Options;

type ValueOf<Option extends ReadingOption> = Option extends { readonly kind: "switch" }
  ? boolean
  : Option extends { readonly kind: "count" }
    ? number
    : Option extends { readonly kind: "texts" }
      ? readonly string[]
      : Option extends { readonly kind: "choice"; readonly of: readonly (infer Choice)[] }
        ? Choice
        : string;

/** How the file is to be read where the person wants to say so; what is absent is detected or takes its default. */
export type ReadingOptions = {
  readonly [Name in ReadingOptionName]?: ValueOf<Options[Name]>;
};

/** The options that have a default. The others are detected from the file. */
type OptionWithDefault = {
  [Name in ReadingOptionName]: Options[Name]["kind"] extends "switch" | "count" | "choice" | "texts"
    ? Name
    : never;
}[ReadingOptionName];

/** How records are read, decided: every option that is not detected has a value. */
export type DecidedReading = { readonly [Name in OptionWithDefault]: ValueOf<Options[Name]> };

/** Fills in the defaults. What is detected (encoding, dialect) is left out. */
export function decideReading(options: ReadingOptions): DecidedReading {
  const decided = Object.entries<ReadingOption>(READING_OPTIONS).flatMap(([name, option]) => {
    const fallback = defaultOf(option);
    const given = options[name as ReadingOptionName]; // keys of the table
    return fallback === undefined ? [] : [[name, given ?? fallback] as const];
  });
  return Object.fromEntries(decided) as unknown as DecidedReading; // names and values come from the table
}

function defaultOf(option: ReadingOption): unknown {
  switch (option.kind) {
    case "switch":
    case "count":
      return option.default;
    case "choice":
      return option.of[0];
    case "texts":
      return [];
    case "text":
    case "character":
      return undefined;
    default:
      return option satisfies never;
  }
}
