/** From the words of a command line to a command with its flags and arguments, by the tables of commands and flags. */
import { parseArgs } from "node:util";
import { SluiceError } from "../core/errors.ts";
import { nearestName } from "../config/nearest-name.ts";
import type { SettingKey } from "../config/settings.ts";
import type { Command, FlagRule, FlagRules, Flags } from "./command.ts";
import { GLOBAL_FLAGS } from "./global-flags.ts";

/** What a command line asks for. */
export interface ParsedLine {
  readonly args: readonly string[];
  readonly flags: Flags;
  /** Values of flags that are settings. */
  readonly settings: Readonly<Partial<Record<SettingKey, string>>>;
}

/**
 * Finds the command of a line and the words that belong to it. Global flags may stand before the command; a line
 * without a command's name is for `fallback`. Errors: `usage` for an unknown name, with the nearest one.
 */
export function chooseCommand(
  words: readonly string[],
  commands: readonly Command[],
  fallback: Command,
): { readonly command: Command; readonly words: readonly string[] } {
  const at = firstArgument(words);
  const name = at === -1 ? undefined : words[at];
  if (name === undefined) return { command: fallback, words };
  const command = commands.find((candidate) => candidate.name === name);
  if (command !== undefined) return { command, words: words.toSpliced(at, 1) };
  const nearest = nearestName(
    name,
    commands.map((candidate) => candidate.name),
  );
  throw new SluiceError(
    "usage",
    `There is no command ${name}.${nearest === null ? "" : ` Did you mean ${nearest}?`} ` +
      "`sluice help` lists the commands.",
  );
}

/** Position of the first word that is neither a global flag nor its value; -1 when another flag comes first. */
function firstArgument(words: readonly string[]): number {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (!word.startsWith("-") || word === "-") return at;
    const [name = "", inlineValue] = word.replace(/^--?/, "").split("=", 2);
    const rule = findFlag(GLOBAL_FLAGS, name);
    if (rule === undefined) return -1;
    if (rule.value !== undefined && inlineValue === undefined) at += 1;
  }
  return -1;
}

function findFlag(rules: FlagRules, name: string): FlagRule | undefined {
  return Object.hasOwn(rules, name)
    ? rules[name]
    : Object.values(rules).find((rule) => rule.short !== undefined && rule.short === name);
}

/**
 * Reads the words of one command. Errors: `usage` for an unknown flag (with the nearest one), a missing or superfluous
 * value, and a wrong number of arguments.
 */
export function parseWords(words: readonly string[], command: Command): ParsedLine {
  const rules: FlagRules = { ...GLOBAL_FLAGS, ...command.flags };
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      Object.entries(rules).map(([name, rule]) => [
        name,
        {
          type: rule.value === undefined ? ("boolean" as const) : ("string" as const),
          ...(rule.short === undefined ? {} : { short: rule.short }),
        },
      ]),
    ),
    strict: false, // its messages name no command and suggest nothing; the checks below do
    allowPositionals: true,
    tokens: true,
  });

  const args: string[] = [];
  const given = new Map<string, string[]>();
  const settings: Partial<Record<SettingKey, string>> = {};
  for (const token of tokens) {
    if (token.kind === "positional") args.push(token.value);
    if (token.kind !== "option") continue;
    const rule = Object.hasOwn(rules, token.name) ? rules[token.name] : undefined;
    if (rule === undefined) throw unknownFlag(token.rawName, rules, command);
    checkValue(rule, token.rawName, token.value, token.inlineValue === true);
    given.set(token.name, [...(given.get(token.name) ?? []), token.value ?? ""]);
    if (rule.setting !== undefined && token.value !== undefined)
      settings[rule.setting] = token.value;
  }
  if (!given.has("help")) checkCount(args, command);
  return { args, flags: createFlags(given), settings };
}

function unknownFlag(rawName: string, rules: FlagRules, command: Command): SluiceError {
  const nearest = nearestName(rawName.replace(/^--?/, ""), Object.keys(rules));
  const suggestion = nearest === null ? "" : ` Did you mean --${nearest}?`;
  return new SluiceError(
    "usage",
    `\`sluice ${command.name}\` has no flag ${rawName}.${suggestion} ` +
      `\`sluice help ${command.name}\` lists its flags.`,
  );
}

function checkValue(
  rule: FlagRule,
  rawName: string,
  value: string | undefined,
  isInline: boolean,
): void {
  if (rule.value === undefined) {
    if (value === undefined) return;
    throw new SluiceError("usage", `${rawName} takes no value, got ${JSON.stringify(value)}.`);
  }
  if (value === undefined)
    throw new SluiceError("usage", `Expected a value after ${rawName}: ${rawName} ${rule.value}.`);
  if (!isInline && value.startsWith("--"))
    throw new SluiceError(
      "usage",
      `Expected a value after ${rawName}, got the flag ${value}. ` +
        `Write ${rawName}=${value} if that is the value.`,
    );
}

function checkCount(args: readonly string[], command: Command): void {
  const { least, most } = command.argumentCount;
  const usage = `Usage: sluice ${command.name} ${command.usage}`.trimEnd();
  if (args.length < least)
    throw new SluiceError("usage", `\`sluice ${command.name}\` needs ${command.usage}. ${usage}`);
  if (args.length > most)
    throw new SluiceError(
      "usage",
      `Unexpected ${JSON.stringify(args[most])} after \`sluice ${command.name}\`. ${usage}`,
    );
}

function createFlags(given: ReadonlyMap<string, readonly string[]>): Flags {
  const text = (name: string): string | undefined => given.get(name)?.at(-1);
  return {
    has: (name) => given.has(name),
    text,
    list: (name) => given.get(name) ?? [],
    wholeNumber: (name, least) => {
      const value = text(name);
      if (value === undefined) return undefined;
      const number = /^\d{1,15}$/.test(value.replaceAll(/[,_]/g, ""))
        ? Number(value.replaceAll(/[,_]/g, ""))
        : Number.NaN;
      if (number >= least) return number;
      throw new SluiceError(
        "usage",
        `Expected --${name} to be a whole number from ${least} on, got ${JSON.stringify(value)}.`,
      );
    },
  };
}
