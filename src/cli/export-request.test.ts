import { expect, test } from "vitest";
import { exportCommand } from "./commands/export.ts";
import { exportRequestOf } from "./export-request.ts";
import { parseWords } from "./parse-arguments.ts";

const requestOf = (...words: string[]) => {
  const { args, flags } = parseWords(words, exportCommand);
  return exportRequestOf(args[0], flags);
};

test("flags become the body of the request", async () => {
  expect(
    await requestOf(
      ..."flights --columns a,b --columns c --from at=2001-01-01T00:00=x --to n=7".split(" "),
      ..."--order-by a --method snapshot --format tsv --null NA --quotes all".split(" "),
      ..."--no-header --crlf --gzip".split(" "),
      "--where",
      "n <> 3",
    ),
  ).toEqual({
    table: "flights",
    columns: ["a", "b", "c"],
    from: { column: "at", value: "2001-01-01T00:00=x" },
    to: { column: "n", value: "7" },
    where: "n <> 3",
    orderBy: ["a"],
    method: "snapshot",
    format: {
      type: "tsv",
      null: "NA",
      quotes: "all",
      header: false,
      lineEnd: "crlf",
      gzip: true,
    },
  });
});

test("what is not said is left to the service", async () => {
  expect(await requestOf("flights")).toEqual({ table: "flights" });
});

test.each([
  [[], "Expected a TABLE, or --sql Q or --sql-file F, one of them."],
  [["t", "--sql", "select 1"], "Expected a TABLE, or --sql Q or --sql-file F, one of them."],
  [["t", "--from", "2001"], "Expected --from to be COLUMN=VALUE"],
  [["t", "--format", "xlsx"], 'Expected --format to be one of csv, tsv, jsonl, got "xlsx".'],
  [["--sql-file", "/nowhere.sql"], "Expected a readable file after --sql-file"],
])("%j is refused", async (words, message) => {
  await expect(requestOf(...words)).rejects.toThrow(message);
});
