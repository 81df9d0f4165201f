/** What a command is: its names and flags for parsing, help and usage, and the function that runs it. */
import type { Config } from "../config/config.ts";
import type { SettingKey } from "../config/settings.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Output } from "./terminal/output.ts";

/** One flag of a command. */
export interface FlagRule {
  /** How the value is called in the help, such as `N`; absent for a switch. */
  readonly value?: string;
  /** One letter that may stand for the flag. */
  readonly short?: string;
  /** Whether it may be given more than once. Default false: the last one counts. */
  readonly isRepeatable?: true;
  readonly description: string;
  /** The setting that the flag is. Its value goes to the configuration. */
  readonly setting?: SettingKey;
}

/** Flags by their long name without dashes. */
export type FlagRules = Readonly<Record<string, FlagRule>>;

/** The flags that were given. */
export interface Flags {
  /** Whether a switch was given. */
  readonly has: (name: string) => boolean;
  /** The last value given, or undefined. */
  readonly text: (name: string) => string | undefined;
  /** Every value given, in order. */
  readonly list: (name: string) => readonly string[];
  /** The value as a whole number, or undefined when absent. Errors: `usage` when it is not one from `least` on. */
  readonly wholeNumber: (name: string, least: number) => number | undefined;
}

/** The reading side of a command. */
export interface Input {
  readonly stdin: NodeJS.ReadStream;
  /** Whether questions may be asked and keys be read: both ends are a terminal, and `--no-input` was not given. */
  readonly isInteractive: boolean;
}

/** One call of a command. */
export interface Invocation {
  /** Arguments that are not flags, without the command's name. */
  readonly args: readonly string[];
  readonly flags: Flags;
  /** Whether results are wanted as JSON. */
  readonly isJson: boolean;
  readonly output: Output;
  readonly input: Input;
  /** Loads the configuration with the flags of this call. Errors: `invalid_config`. */
  readonly loadConfig: () => Promise<Config>;
}

/** A command of the command line. */
export interface Command {
  readonly name: string;
  /** Arguments as the usage shows them, such as `JOB`; empty when there are none. */
  readonly usage: string;
  /** One line, lower case, without a final dot. */
  readonly summary: string;
  /** How many arguments it takes. */
  readonly argumentCount: { readonly least: number; readonly most: number };
  readonly flags: FlagRules;
  /** Further lines of its own help: examples, keys. */
  readonly notes?: readonly string[];
  /** Runs the command. What it throws is shown as an error, with the exit code of its code. */
  readonly run: (invocation: Invocation) => Promise<ExitCode>;
}
