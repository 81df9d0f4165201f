import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createQueryOutput, type QueryForm } from "./query-output.ts";
import { createOutput } from "./terminal/output.ts";

const PAGES = [
  { columns: ["n"], rows: [["1"], ["2"]] },
  { columns: ["n"], rows: [[null]] },
  { columns: ["n"], rows: [] },
];

function textOf(stream: PassThrough): string {
  return (stream.read() as Buffer | null)?.toString() ?? "";
}

/** Two streams, of which the first may be a terminal, and what was written to them. */
function anOutput(isTTY: boolean) {
  const stdout = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  const stderr = new PassThrough();
  const output = createOutput({
    stdout,
    stderr,
    color: "never",
    canRedraw: false,
    isQuiet: false,
  });
  return { output, results: () => textOf(stdout), notes: () => textOf(stderr) };
}

test.each<[QueryForm, string, string]>([
  ["table", "n\n1\n2\n∅\n", "(3 rows)\n"],
  ["csv", "n\n1\n2\n\n", ""],
  ["json", '{"columns":["n"],"rows":[["1"],["2"],[null]]}\n', ""],
])("pages become one %s", async (form, results, notes) => {
  const made = anOutput(false);
  const sink = createQueryOutput(form, made.output);

  for (const page of PAGES) expect(await sink.receive(page)).toBe(true);
  await sink.end();

  expect([made.results(), made.notes()]).toEqual([results, notes]);
});

test("a query without rows is a whole document in every form", async () => {
  const made = anOutput(false);
  const sink = createQueryOutput("json", made.output);

  await sink.receive({ columns: ["n"], rows: [] });
  await sink.end();

  expect(made.results()).toBe('{"columns":["n"],"rows":[]}\n');
});

test("a terminal gets the first thousand rows of a table, and is told so", async () => {
  const made = anOutput(true);
  const sink = createQueryOutput("table", made.output);
  const rows = Array.from({ length: 800 }, (_, at) => [String(at)]);

  const wanted = [
    await sink.receive({ columns: ["n"], rows }),
    await sink.receive({ columns: ["n"], rows }),
  ];
  await sink.end();

  expect(wanted).toEqual([true, false]);
  expect(made.results().split("\n")).toHaveLength(1002);
  expect(made.notes()).toBe("(the first 1,000 rows; --csv and --json write all)\n");
});
