/** The flags of `import` and `cat` that say how a file is read: one for each option of the table in `core`. */
import { SluiceError } from "../core/errors.ts";
import {
  READING_OPTIONS,
  type ReadingOption,
  type ReadingOptions,
} from "../core/reading-options.ts";
import type { FlagRule, FlagRules, Flags } from "./command.ts";

const OPTIONS = Object.entries<ReadingOption>(READING_OPTIONS);

/** Flags by name: `skipLines` is `--skip-lines`, and a switch that is on by default is `--no-header`. */
export const READING_FLAGS: FlagRules = Object.fromEntries(
  OPTIONS.map(([name, option]) => [flagName(name, option), flagRule(option)]),
);

/** Reads the options from the flags; what is not given is left out. Errors: `usage`, naming the flag. */
export function readingOf(flags: Flags): ReadingOptions {
  const given = OPTIONS.flatMap(([name, option]) => {
    const value = valueOf(flags, flagName(name, option), option);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given); // names and values come from the table
}

function flagName(name: string, option: ReadingOption): string {
  const dashed = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return option.kind === "switch" && option.default ? `no-${dashed}` : dashed;
}

function flagRule(option: ReadingOption): FlagRule {
  const { description } = option;
  switch (option.kind) {
    case "switch":
      return { description };
    case "text":
      return { value: option.value, description };
    case "character":
      return { value: "C", description };
    case "choice":
      return { value: option.of.join("|"), description };
    case "texts":
      return { value: "TEXT", isRepeatable: true, description: `${description}; may be repeated` };
    case "count":
      return { value: "N", description };
    default:
      return option satisfies never;
  }
}

function valueOf(flags: Flags, name: string, option: ReadingOption): unknown {
  const text = flags.text(name);
  if (text === undefined) return undefined;
  switch (option.kind) {
    case "switch":
      return !option.default;
    case "text":
      return NAMED_CHARACTERS[text] ?? text;
    case "character":
      return characterOf(text, name);
    case "choice":
      return choiceOf(text, name, option.of);
    case "texts":
      return flags.list(name);
    case "count":
      return countOf(flags, name, option);
    default:
      return option satisfies never;
  }
}

const NAMED_CHARACTERS: Readonly<Record<string, string>> = {
  tab: "\t",
  "\\t": "\t",
  comma: ",",
  semicolon: ";",
  pipe: "|",
  space: " ",
};

function characterOf(text: string, name: string): string {
  const character = NAMED_CHARACTERS[text] ?? text;
  if (character.length === 1 && character.charCodeAt(0) < 0x80) return character;
  throw new SluiceError(
    "usage",
    `Expected --${name} to be one ASCII character, got ${JSON.stringify(text)}.`,
  );
}

/** Choices are written as in the request, or with dashes: `trim-empty`. */
function choiceOf(text: string, name: string, choices: readonly string[]): string {
  const plain = text.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const choice = choices.find((each) => each === plain);
  if (choice !== undefined) return choice;
  throw new SluiceError(
    "usage",
    `Expected --${name} to be ${choices.join(" or ")}, got ${JSON.stringify(text)}.`,
  );
}

function countOf(
  flags: Flags,
  name: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  const count = flags.wholeNumber(name, least);
  if (count === undefined || count <= most) return count;
  throw new SluiceError(
    "usage",
    `Expected --${name} to be a whole number of at most ${most}, got ${count}.`,
  );
}
