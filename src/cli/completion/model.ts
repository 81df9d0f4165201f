/** What the words of a command line can be, derived from the tables of commands and flags: the source of every shell's script. */
import { JOB_STATE_NAMES } from "../../core/job-state.ts";
import type { Command, FlagRules } from "../command.ts";
import { GLOBAL_FLAGS } from "../global-flags.ts";

/** What a shell offers for a word: files, folders, some words, or nothing because only the person knows. */
export type Offer =
  | { readonly kind: "files" | "folders" | "nothing" }
  | { readonly kind: "words"; readonly words: readonly string[] };

/** A flag as it is completed. */
export interface OfferedFlag {
  readonly name: string;
  readonly short: string | null;
  readonly description: string;
  /** What its value is called; null for a switch. */
  readonly value: string | null;
  /** What is offered for its value. */
  readonly offer: Offer;
}

/** A command as it is completed. */
export interface OfferedCommand {
  readonly name: string;
  readonly summary: string;
  /** Its own flags, without those of every command. */
  readonly flags: readonly OfferedFlag[];
  /** What is offered for each of its arguments. */
  readonly argument: Offer;
}

/** Everything that is completed. */
export interface Completion {
  readonly commands: readonly OfferedCommand[];
  /** Flags of every command. */
  readonly global: readonly OfferedFlag[];
  /** What `sluice` alone does: its flags are offered before a command is named. */
  readonly usual: string;
}

const NOTHING: Offer = { kind: "nothing" };

/** Derives what can be completed. `shells` is offered where the usage of a command says SHELL. */
export function completionOf(
  commands: readonly Command[],
  usual: Command,
  shells: readonly string[],
): Completion {
  const offers: Readonly<Record<string, Offer>> = {
    FILE: { kind: "files" },
    DIR: { kind: "folders" },
    JOB: { kind: "words", words: ["last"] },
    STATE: { kind: "words", words: JOB_STATE_NAMES },
    COMMAND: { kind: "words", words: commands.map(({ name }) => name) },
    SHELL: { kind: "words", words: shells },
  };
  const offerOf = (text: string): Offer => {
    for (const [word] of text.matchAll(/[A-Za-z]+(?:\|[a-z]+)*/g)) {
      const offer = offers[word];
      if (offer !== undefined) return offer;
      if (/^[a-z]+(?:\|[a-z]+)+$/.test(word)) return { kind: "words", words: word.split("|") };
    }
    return NOTHING;
  };
  return {
    global: flagsOf(GLOBAL_FLAGS, offerOf),
    usual: usual.name,
    commands: commands.map(({ name, summary, flags, usage }) => ({
      name,
      summary,
      flags: flagsOf(flags, offerOf),
      // A word of the usage in lower case stands there as it is, such as `process` of `sluice init process`.
      argument: /^[a-z]+ /.test(usage)
        ? { kind: "words", words: usage.split(" ", 1) }
        : offerOf(usage),
    })),
  };
}

function flagsOf(rules: FlagRules, offerOf: (text: string) => Offer): readonly OfferedFlag[] {
  return Object.entries(rules).map(([name, { short, description, value }]) => ({
    name,
    short: short ?? null,
    description,
    value: value ?? null,
    offer: value === undefined ? NOTHING : offerOf(value),
  }));
}

/** A flag's spellings: `--table`, `-t`. */
export function spellings({ name, short }: OfferedFlag): readonly string[] {
  return short === null ? [`--${name}`] : [`--${name}`, `-${short}`];
}
