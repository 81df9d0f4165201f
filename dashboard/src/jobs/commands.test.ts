import { expect, test } from "vitest";
import type { Job } from "../api/types.ts";
import { cliCommand, curlCommand, shellQuoted } from "./commands.ts";

const JOB = {
  kind: "import",
  name: "Bob's people.csv → public.people",
  file: "file_1",
  table: "public.people",
  mode: "append",
  columns: { "Full Name": "name", Notes: null },
  types: { zip: "text" },
  key: null,
  delivery: "staged",
  maxRejected: "5%",
  pauseAfter: null,
  maxRecordsPerSecond: null,
} as unknown as Job; // the fields that the commands look at

test.each([
  ["people.csv", "people.csv"],
  ["two words", "'two words'"],
  ["Bob's", `'Bob'\\''s'`],
  ["$(rm)", "'$(rm)'"],
  ["", "''"],
])("%j is %s in a shell", (text, quoted) => {
  expect(shellQuoted(text)).toBe(quoted);
});

test("the command line names what was asked for", () => {
  expect(cliCommand(JOB)).toBe(
    `sluice import 'Bob'\\''s people.csv' --table public.people --mode append --map 'Full Name=name' --map Notes= --types zip=text --max-rejected 5%`,
  );
});

test("curl sends the body of the job, and a token only where one is needed", () => {
  const command = curlCommand(JOB, "http://127.0.0.1:5007", false);

  expect(command).toContain(`"table":"public.people"`);
  expect(command).not.toContain("Authorization");
  expect(curlCommand(JOB, "http://x", true)).toContain("Bearer $SLUICE_TOKEN");
});

test("an export is asked for again with what is not the default", () => {
  const job = {
    kind: "export",
    table: "public.people",
    sql: null,
    method: "keyed",
    columns: [{ name: "id" }, { name: "born" }],
    where: "id > 3",
    from: { column: "born", value: "1990-01-01" },
    to: null,
    orderBy: ["id"],
    fileName: "people.csv.gz",
    maxRecordsPerSecond: 5_000,
    format: {
      type: "csv",
      delimiter: ",",
      quotes: "needed",
      null: "",
      header: true,
      lineEnd: "lf",
      compression: "gzip",
      spreadsheetSafe: true,
    },
  } as unknown as Job; // the fields that the commands look at

  expect(cliCommand(job)).toBe(
    "sluice export public.people --gzip --spreadsheet-safe --columns id,born --from born=1990-01-01 --where 'id > 3' -o people.csv.gz --speed 5000/s",
  );
  expect(curlCommand(job, "http://x", false)).toContain(
    `"from":{"column":"born","value":"1990-01-01"}`,
  );
});
