/** Help texts, derived from the tables of commands and flags. */
import type { Command, FlagRules } from "./command.ts";
import { GLOBAL_FLAGS } from "./global-flags.ts";
import { padText } from "./terminal/text.ts";

const EXIT_LINES = [
  "Exit codes: 0 done · 1 failed · 2 wrong usage · 3 rows rejected (--strict) · 4 not signed in",
  "            5 stopped · 6 left paused or detached · 75 not reachable · 130 interrupted",
];

/** The help of everything: commands, common flags, exit codes. */
export function generalHelp(commands: readonly Command[]): readonly string[] {
  const calls = commands.map((command) => `${command.name} ${command.usage}`.trimEnd());
  const width = Math.max(...calls.map((call) => call.length)) + 2;
  return [
    "Long CSV jobs over PostgreSQL that you can pause, resume, stop and undo.",
    "",
    "Usage: sluice [command] [flags]",
    "",
    ...commands.map(
      (command, index) => `  ${padText(calls[index] ?? "", width)}${command.summary}`,
    ),
    "",
    "JOB is an id, a unique prefix of one such as `sluice jobs` prints, or `last`.",
    "",
    "Flags of every command:",
    ...flagLines(GLOBAL_FLAGS),
    "",
    ...EXIT_LINES,
    "",
    "`sluice help COMMAND` tells more about one command.",
  ];
}

/** The help of one command. */
export function commandHelp(command: Command): readonly string[] {
  const own = Object.keys(command.flags).length > 0;
  return [
    `sluice ${command.name} ${command.usage}`.trimEnd(),
    "",
    `${command.summary.slice(0, 1).toUpperCase()}${command.summary.slice(1)}.`,
    ...(own ? ["", "Flags:", ...flagLines(command.flags)] : []),
    "",
    "Flags of every command:",
    ...flagLines(GLOBAL_FLAGS),
    ...(command.notes === undefined ? [] : ["", ...command.notes]),
  ];
}

function flagLines(all: FlagRules): readonly string[] {
  const rules = Object.entries(all);
  const names = rules.map(([name, rule]) => {
    const short = rule.short === undefined ? "    " : `-${rule.short}, `;
    return `${short}--${name}${rule.value === undefined ? "" : ` ${rule.value}`}`;
  });
  const width = Math.max(...names.map((name) => name.length)) + 2;
  return rules.map(
    ([, rule], index) => `  ${padText(names[index] ?? "", width)}${rule.description}`,
  );
}
