import { expect, test } from "vitest";
import { COMMANDS, USUAL_COMMAND } from "./commands.ts";
import { importCommand } from "./commands/import.ts";
import { stopCommand } from "./commands/job-actions.ts";
import { serveCommand } from "./commands/serve.ts";
import { chooseCommand, parseWords } from "./parse-arguments.ts";

function choose(line: string): string {
  const { command, words } = chooseCommand(
    line.split(" ").filter(Boolean),
    COMMANDS,
    USUAL_COMMAND,
  );
  return [command.name, ...words].join(" ");
}

test.each([
  ["", "serve"],
  ["--port 5008", "serve --port 5008"],
  ["jobs", "jobs"],
  ["--json jobs", "jobs --json"],
  ["--dir /tmp/x jobs --json", "jobs --dir /tmp/x --json"],
  ["-q --dir=/tmp/x import a.csv", "import -q --dir=/tmp/x a.csv"],
  ["import -", "import -"],
])('"sluice %s" is the command %s', (line, command) => {
  expect(choose(line)).toBe(command);
});

test("an unknown command is refused with the nearest one", () => {
  expect(() => choose("jbos")).toThrow("There is no command jbos. Did you mean jobs?");
});

test("switches, values, repeated flags and arguments are told apart", () => {
  const words = ["a.csv", "--map", "Full Name=name", "--map=x=", "-y", "--max-rejected", "1,000"];

  const { args, flags } = parseWords(words, importCommand);

  expect(args).toEqual(["a.csv"]);
  expect(flags.list("map")).toEqual(["Full Name=name", "x="]);
  expect([flags.has("yes"), flags.has("strict")]).toEqual([true, false]);
  expect([flags.wholeNumber("max-rejected", 0), flags.wholeNumber("pause-after", 1)]).toEqual([
    1000,
    undefined,
  ]);
});

test("a value may begin with a dash, and a flag may not stand for one", () => {
  expect(parseWords(["a", "--delimiter", "-"], importCommand).flags.text("delimiter")).toBe("-");
  expect(() => parseWords(["a", "--table", "--yes"], importCommand)).toThrow(
    "Expected a value after --table, got the flag --yes",
  );
});

test("flags that are settings go to the configuration", () => {
  const { settings } = parseWords(["-p", "5008", "--dir", "x"], serveCommand);

  expect(settings).toEqual({ port: "5008", dir: "x" });
});

test.each([
  [["a", "--tabel", "t"], "has no flag --tabel. Did you mean --table?"],
  [["a", "-x"], "has no flag -x."],
  [["a", "--table"], "Expected a value after --table"],
  [["a", "--yes=1"], "--yes takes no value"],
  [["a", "b"], 'Unexpected "b"'],
  [[], "needs FILE|-"],
])("sluice import %j is refused: %s", (words, message) => {
  expect(() => parseWords(words, importCommand)).toThrow(message);
});

test("a flag without a value is there or not", () => {
  expect(parseWords(["last", "--keep"], stopCommand).flags.has("keep")).toBe(true);
  expect(parseWords(["last"], stopCommand).flags.has("keep")).toBe(false);
});

test("a count that is none is refused with what is expected", () => {
  const { flags } = parseWords(["a", "--pause-after", "0"], importCommand);

  expect(() => flags.wholeNumber("pause-after", 1)).toThrow(
    'Expected --pause-after to be a whole number from 1 on, got "0".',
  );
});

test("asking for help needs no arguments", () => {
  expect(parseWords(["--help"], importCommand).flags.has("help")).toBe(true);
});
