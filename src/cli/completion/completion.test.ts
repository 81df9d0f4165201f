/** The scripts in the shells that they are for: a line is typed, Tab is pressed, and what the command gets is looked at. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS, USUAL_COMMAND } from "../commands.ts";
import { GLOBAL_FLAGS } from "../global-flags.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { completionOf } from "./model.ts";
import { zshScript } from "./zsh.ts";

const completion = completionOf(COMMANDS, USUAL_COMMAND, ["bash", "zsh", "fish"]);

/** What is typed, with Tab as \t; the words that the command gets then. */
const LINES: readonly (readonly [typed: string, words: readonly string[]])[] = [
  ["sluice imp\t", ["import"]],
  ["sluice import peo\t", ["import", "people data.csv"]],
  ["sluice import a.csv --mo\tap\t", ["import", "a.csv", "--mode", "append"]],
  ["sluice import a.csv --mode=ap\t", ["import", "a.csv", "--mode=append"]],
  [
    "sluice --quiet --url http://localhost jo\t--sta\tsucc\t",
    ["--quiet", "--url", "http://localhost", "jobs", "--state", "succeeded"],
  ],
  ["sluice --dir=x jo\t", ["--dir=x", "jobs"]],
  ["sluice worker --dir fol\t", ["worker", "--dir", "folder/"]],
  ["sluice pause l\t", ["pause", "last"]],
  ["sluice --po\t1", ["--port", "1"]],
  ["sluice migrate --pr\t", ["migrate", "--print"]],
  ["sluice help comp\t", ["help", "completion"]],
  ["sluice completion z\t", ["completion", "zsh"]],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-completion-"));
  mkdirSync(join(folder, "folder"));
  writeFileSync(join(folder, "people data.csv"), "");
  writeFileSync(join(folder, "sluice.bash"), bashScript(completion));
  writeFileSync(join(folder, "sluice.zsh"), zshScript(completion));
  writeFileSync(join(folder, "sluice.fish"), fishScript(completion));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function has(shell: string): boolean {
  return process.platform !== "win32" && spawnSync(shell, ["--version"]).error === undefined;
}

/** What a shell prints for the lines of its standard input. */
async function typed(shell: string, words: readonly string[], input: string): Promise<string> {
  const child = spawn(shell, words, {
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder, TERM: "dumb" },
  });
  let said = "";
  child.stdout.on("data", (bytes: Buffer) => (said += String(bytes)));
  child.stderr.resume();
  // A shell that has its script by argument may be over before it is written to.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  await once(child, "close");
  return said;
}

describe.runIf(has("bash"))("bash (skipped without)", () => {
  test("Tab completes commands, flags, their values, files and folders", async () => {
    const lines = [
      'sluice() { printf "<%s>" "$@"; echo; }',
      "source ./sluice.bash",
      ...LINES.map(([line]) => line),
      "exit",
    ];

    const said = await typed("bash", ["--norc", "--noprofile", "-i"], `${lines.join("\n")}\n`);

    expect(said.split("\n").filter((line) => line.startsWith("<"))).toEqual(
      LINES.map(([, words]) => words.map((word) => `<${word}>`).join("")),
    );
  });
});

describe.runIf(has("fish"))("fish (skipped without)", () => {
  test("what is offered for the last word is what it becomes", async () => {
    const offered = await Promise.all(
      LINES.filter(([line]) => line.endsWith("\t") && line.indexOf("\t") === line.length - 1).map(
        async ([line, words]) => {
          const script = `source ./sluice.fish; complete -C '${line.trimEnd()}'`;
          const lines = (await typed("fish", ["--no-config", "-c", script], "")).split("\n");
          return {
            last: words.at(-1),
            isOffered: lines.some((text) => text.split("\t")[0] === words.at(-1)),
          };
        },
      ),
    );

    expect(offered.filter(({ isOffered }) => !isOffered)).toEqual([]);
    expect(offered.length).toBeGreaterThan(8);
  });
});

test.runIf(has("zsh"))("zsh reads its script (skipped without)", () => {
  const run = spawnSync(
    "zsh",
    [
      "-f",
      "-c",
      "autoload -Uz compinit; compinit -u -D; source ./sluice.zsh; print $_comps[sluice]",
    ],
    { cwd: folder, encoding: "utf8" },
  );

  expect([run.stdout.trim(), run.stderr]).toEqual(["_sluice", ""]);
});

test("every script has every command and every flag", () => {
  for (const write of [bashScript, zshScript, fishScript]) {
    const script = write(completion);
    for (const { name, flags } of [...COMMANDS, { name: "", flags: GLOBAL_FLAGS }]) {
      expect(script).toContain(name);
      for (const flag of Object.keys(flags))
        expect(script, flag).toMatch(new RegExp(`(?:--| -l )${flag}\\b`));
    }
  }
});
