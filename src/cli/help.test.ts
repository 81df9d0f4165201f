import { expect, test } from "vitest";
import { COMMANDS } from "./commands.ts";
import { importCommand } from "./commands/import.ts";
import { commandHelp, generalHelp } from "./help.ts";

test("the help names every command with its summary", () => {
  const text = generalHelp(COMMANDS).join("\n");

  for (const command of COMMANDS)
    expect(text).toMatch(new RegExp(`  ${command.name} .*${command.summary.slice(0, 10)}`));
});

test("the help of a command names every flag", () => {
  const text = commandHelp(importCommand).join("\n");

  for (const name of Object.keys(importCommand.flags)) expect(text).toContain(`--${name}`);
});
