/** From the flags of `sluice import` to the body of the request. */
import { SluiceError } from "../core/errors.ts";
import { IMPORT_MODES, ON_CONFLICT } from "../core/job.ts";
import { readTypePairs } from "../core/type-pairs.ts";
import type { CreateImportBody } from "../client/index.ts";
import type { FlagRules, Flags } from "./command.ts";
import { MAX_REJECTED_FLAG, maxRejectedOf } from "./max-rejected.ts";
import { READING_FLAGS, readingOf } from "./reading-flags.ts";
import { SPEED_FLAG, speedOf } from "./speed.ts";

/** The decisions of an import that flags make: everything but the file. */
export type ImportDecisions = Omit<CreateImportBody, "kind" | "file" | "validateOnly">;

/** Flags that say how a file is read into a new table. */
export const INSPECT_FLAGS: FlagRules = {
  map: {
    value: '"Full Name=name"',
    isRepeatable: true,
    description: "header to column; nothing after = leaves the column out",
  },
  types: {
    value: "zip=text",
    isRepeatable: true,
    description: "column to type, for new tables; several with commas",
  },
  ...READING_FLAGS,
};

/** Flags that say what an import does. */
export const IMPORT_FLAGS: FlagRules = {
  table: {
    value: "T",
    short: "t",
    description: "table, or schema.table; made from the file's name",
  },
  mode: {
    value: IMPORT_MODES.join("|"),
    description: "make a table (default), add rows, update by --key, or replace all rows",
  },
  "max-rejected": MAX_REJECTED_FLAG,
  "pause-after": { value: "N", description: "pause after N rows, to look at them" },
  speed: SPEED_FLAG,
  ...INSPECT_FLAGS,
  key: { value: "a,b", description: "columns of a new table's primary key, or to update by" },
  "on-conflict": {
    value: ON_CONFLICT.join("|"),
    description: "with append: reject (default) or skip rows whose key is taken",
  },
  "dry-run": { description: "read it all and say what would change in the table; changes nothing" },
  direct: { description: "with append: rows are visible as they are written, not at the end" },
};

/** Reads the decisions from the flags. Errors: `usage`, naming the flag. */
export function decisionsOf(flags: Flags): ImportDecisions {
  const table = flags.text("table");
  const mode = oneOf(flags, "mode", IMPORT_MODES);
  const columns = columnsOf(flags.list("map"));
  const types = typesOf(flags.list("types"));
  const key = flags
    .text("key")
    ?.split(",")
    .map((name) => name.trim());
  const maxRejected = maxRejectedOf(flags);
  const pauseAfter = flags.wholeNumber("pause-after", 1);
  const onConflict = oneOf(flags, "on-conflict", ON_CONFLICT);
  const reading = readingOf(flags);
  if (flags.has("dry-run") && flags.has("direct"))
    throw new SluiceError(
      "usage",
      "With --direct rows are visible as they are written, and --dry-run writes none. Leave one of them out.",
    );
  return {
    ...(table === undefined ? {} : { table }),
    ...(mode === undefined ? {} : { mode }),
    ...(columns === null ? {} : { columns }),
    ...(types === null ? {} : { types }),
    ...(flags.has("direct") ? { delivery: "direct" as const } : {}),
    ...(key === undefined ? {} : { key }),
    ...(onConflict === undefined ? {} : { onConflict }),
    ...(maxRejected === undefined ? {} : { maxRejected }),
    ...(pauseAfter === undefined ? {} : { pauseAfter }),
    ...(flags.has("dry-run") ? { dryRun: true } : {}),
    ...speedOf(flags),
    ...(Object.keys(reading).length === 0 ? {} : { reading }),
  };
}

function oneOf<Word extends string>(
  flags: Flags,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = flags.text(name);
  const word = words.find((known) => known === text);
  if (text === undefined || word !== undefined) return word;
  throw new SluiceError(
    "usage",
    `Expected --${name} to be one of ${words.join(", ")}, got ${JSON.stringify(text)}.`,
  );
}

/** Splits at the last `=`: headers may hold one, names of columns rarely do. */
function columnsOf(pairs: readonly string[]): Record<string, string | null> | null {
  if (pairs.length === 0) return null;
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.lastIndexOf("=");
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1) || null];
      throw new SluiceError(
        "usage",
        `Expected --map to be "Header=column", got ${JSON.stringify(pair)}.`,
      );
    }),
  );
}

function typesOf(lists: readonly string[]): Record<string, string> | null {
  if (lists.length === 0) return null;
  const pairs = readTypePairs(lists);
  if ("types" in pairs) return { ...pairs.types };
  throw new SluiceError(
    "usage",
    `Expected --types to be "column=type", got ${JSON.stringify(pairs.fault)}.`,
  );
}
