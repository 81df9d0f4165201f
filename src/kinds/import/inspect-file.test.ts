import { expect, test } from "vitest";
import type { Inspection } from "../../core/inspection.ts";
import type { ImportRequest } from "../../core/job.ts";
import { memoryFiles } from "../../../test/support/memory-files.ts";
import { importPlanner } from "./import-planner.ts";

async function inspect(
  text: string,
  request: Partial<ImportRequest> = {},
  readsAll = false,
): Promise<Inspection> {
  const bytes = new TextEncoder().encode(text);
  const files = memoryFiles(bytes);
  const file = { id: "f", name: "f", bytes: bytes.length, sha256: "", createdAt: new Date(0) };
  const full: ImportRequest = { kind: "import", file: "f", ...request };
  const options = { reading: full.reading ?? {}, isMeasured: true };
  const sample = await importPlanner.readSample(files, file, options);
  const target = { schema: "public", table: "f" };
  const input = { request: full, file, ...sample, target, targetTable: null, staging: "" };
  let last: Inspection | null = null;
  for await (const found of importPlanner.inspect(files, input, { readsAll })) last = found;
  if (last === null) throw new Error("an inspection ends with what was found");
  return last;
}

const codesOf = ({ plan }: Inspection): readonly string[] => plan.warnings.map(({ code }) => code);

test("a small file is read to its end, and what would be rejected is told with its line", async () => {
  const { survey, evidence } = await inspect('id,n\n1,2\n\n3,"x"y\n4\n"5",six\n7,8', {
    types: { n: "integer" },
  });

  expect(survey).toMatchObject({
    isWhole: true,
    bytesRead: 30,
    recordsRead: 5,
    recordsRejected: 3,
    rejectedByCode: { text_after_quote: 1, too_few_fields: 1, invalid_integer: 1 },
    lineEnds: { lf: 5, crlf: 0, cr: 0 },
    blankLines: 1,
    failure: null,
  });
  expect(survey.problems.map(({ line, code }) => `${line} ${code}`)).toEqual([
    "4 text_after_quote",
    "5 too_few_fields",
    "6 invalid_integer",
  ]);
  expect(evidence).toEqual({
    encoding: "every byte of the file is",
    delimiter: "4 of the first 6 lines have 2 fields",
  });
});

test("what the records show is warned of and keeps nothing out", async () => {
  const found = await inspect('size,note\r\n6 ft 2",=1+1\n\n5,+49 30 1\r', {
    types: { size: "text" },
  });

  expect(codesOf(found)).toEqual(["formula_like", "mixed_line_ends", "blank_lines", "bare_quote"]);
  expect(found.survey.recordsRejected).toBe(0);
});

test.each([
  ["blank lines and lines of another width", "Report,,\n\nof May\n", 4],
  ["a text of two lines", 'Report,,\n"of\nMay",,\n', 4],
  ["a line that is left out already", "x\nReport,,\n\n", 4, 1],
])(
  "what is below a title is told by its line of text: %s",
  async (_what, before, line, skipLines = 0) => {
    const body = `id,name,city\n${"1,Ada,London\n".repeat(20)}`;

    const found = await inspect(`${before}${body}`, { reading: { skipLines, delimiter: "," } });
    const cured = await inspect(`${before}${body}`, { reading: { skipLines: line - 1 } });

    expect(found.plan.warnings).toContainEqual(
      expect.objectContaining({ code: "header_looks_like_title", values: [String(line)] }),
    );
    expect(cured.plan.columns.map(({ header }) => header)).toEqual(["id", "name", "city"]);
  },
);

test("long values of the sample are cut, and no character in two", async () => {
  const { sample } = await inspect(
    `a,b,c\n${"x".repeat(1000)},${"y".repeat(1001)},${"x".repeat(999)}🙂\n`,
  );

  expect(sample).toEqual([["x".repeat(1000), `${"y".repeat(1000)}…`, `${"x".repeat(999)}…`]]);
});

test("reading stops where the job would fail", async () => {
  const { survey } = await inspect('a,b\n1,2\n3,"x\n4,5\n');

  expect(survey).toMatchObject({
    isWhole: false,
    recordsRead: 1,
    failure: { code: "unclosed_quote" },
  });
});

test("of a large file the beginning is read, or all of it when asked for", async () => {
  const text = `a,b\n${"1234567,abcdefgh\n".repeat(5_000_000)}`;

  const part = await inspect(text);
  const whole = await inspect(text, {}, true);

  expect(part.survey).toMatchObject({ isWhole: false, recordsRejected: 0 });
  expect(part.survey.bytesRead).toBeGreaterThanOrEqual(16 * 1024 * 1024);
  expect(part.survey.bytesRead).toBeLessThan(17 * 1024 * 1024);
  expect(whole.survey).toMatchObject({ isWhole: true, recordsRead: 5_000_000 });
});

test("dates that are written day first are offered when a value proves it, and asked for otherwise", async () => {
  const proven = await inspect("born\n03/04/2026\n13/04/2026\n");
  const open = await inspect("born\n03/04/2026\n");

  expect(proven.plan.columns[0]).toMatchObject({
    type: "text",
    reason: "dates, day first: 1 value decides",
    offers: [{ type: "date", dateFormat: "DD/MM/YYYY" }],
  });
  expect(open.plan.columns[0]?.offers?.map(({ dateFormat }) => dateFormat)).toEqual([
    "DD/MM/YYYY",
    "MM/DD/YYYY",
  ]);
  expect(codesOf(open)).toContain("date_ambiguous");
  expect(codesOf(proven)).not.toContain("date_ambiguous");
});

test.each([
  ["two ways to read it", "03/04/2026", null],
  ["one way that the values prove", "13/04/2026", "DD/MM/YYYY"],
])("a job that declares date without a format is refused: %s", async (_case, value, proposal) => {
  await expect(inspect(`born\n${value}\n`, { types: { born: "date" } })).rejects.toMatchObject({
    code: "date_ambiguous",
    details: { column: "born", proposal },
  });
});

test("a declared format makes a column of dates, whose misfits are rejected", async () => {
  const { plan, survey } = await inspect("Born on\n03/04/2026\n31/04/2026\n2026-04-03\n", {
    reading: { dateFormats: { "#1": "DD/MM/YYYY" } },
  });

  expect(plan.columns[0]).toMatchObject({ column: "born_on", sqlType: "date" });
  expect(survey.problems.map(({ message }) => message)).toEqual([
    '"31/04/2026" is not a date like DD/MM/YYYY',
    '"2026-04-03" is not a date like DD/MM/YYYY',
  ]);
});

test("declared decimal and group characters are inferred by", async () => {
  const { plan } = await inspect('a;b;c\n1.234,5;1.234;1,5\n"7";12;1.5\n', {
    reading: { decimal: ",", group: ".", delimiter: ";" },
  });

  expect(plan.columns.map(({ sqlType }) => sqlType)).toEqual(["numeric", "integer", "text"]);
});

test.each([
  [{ group: "x" }, "reading.group"],
  [{ group: "." }, "reading.group"],
  [{ timeZone: "Europe/Atlantis" }, "reading.timeZone"],
  [{ dateFormats: { a: "DD.MM.YY" } }, "reading.dateFormats"],
  [{ dateFormats: { z: "DD.MM.YYYY" } }, "reading.dateFormats"],
])("%j is refused at %s", async (reading, pointer) => {
  await expect(inspect("a\n1\n", { reading })).rejects.toMatchObject({
    code: "invalid_request",
    details: { errors: [expect.objectContaining({ pointer: `/${pointer.replace(".", "/")}` })] },
  });
});

test("what is found so far is told while a large file is read, and the last time is the whole", async () => {
  const rows = Array.from({ length: 30_000 }, (_, row) => `${row},${"x".repeat(700)}\n`);
  const bytes = new TextEncoder().encode(`id,n\n${rows.join("")}no,x\n`);
  const files = memoryFiles(bytes);
  const file = { id: "f", name: "f", bytes: bytes.length, sha256: "", createdAt: new Date(0) };
  const request: ImportRequest = { kind: "import", file: "f", types: { id: "integer" } };
  const sample = await importPlanner.readSample(files, file, { reading: {}, isMeasured: true });
  const target = { schema: "public", table: "f" };
  const input = { request, file, ...sample, target, targetTable: null, staging: "" };
  const parts: Inspection[] = [];

  for await (const part of importPlanner.inspect(files, input, { readsAll: true }))
    parts.push(part);

  expect(parts.map(({ survey }) => survey.isWhole)).toEqual([false, true]);
  expect(parts[0]?.survey.recordsRejected).toBe(0);
  expect(parts[1]?.survey).toMatchObject({ recordsRead: 30_001, rejectedByColumn: { id: 1 } });
});

test("the reading ends when nobody wants to know any more", async () => {
  const bytes = new TextEncoder().encode(`a,b\n${"1234567,abcdefgh\n".repeat(1_000_000)}`);
  const gone = new AbortController();
  const stored = memoryFiles(bytes);
  const file = { id: "f", name: "f", bytes: bytes.length, sha256: "", createdAt: new Date(0) };
  const request: ImportRequest = { kind: "import", file: "f" };
  const sample = await importPlanner.readSample(stored, file, { reading: {}, isMeasured: true });
  const target = { schema: "public", table: "f" };
  const input = { request, file, ...sample, target, targetTable: null, staging: "" };
  let reads = 0;
  const files: typeof stored = {
    open: async (...asked) => {
      const source = await stored.open(...asked);
      return {
        ...source,
        read: (into) => {
          if (++reads === 2) gone.abort(new Error("gone"));
          return source.read(into);
        },
      };
    },
  };

  const parts = importPlanner.inspect(files, input, { readsAll: true, signal: gone.signal });

  const told: Inspection[] = [];
  const reading = async (): Promise<void> => {
    for await (const part of parts) told.push(part);
  };

  await expect(reading()).rejects.toThrow("gone");
  expect({ told, reads }).toEqual({ told: [], reads: 2 });
});

test("a type that nearly all values of a text have is offered, and not where a person chose text", async () => {
  const text = `age\n${Array.from({ length: 40 }, (_, row) => `${row}\n`).join("")}forty\n`;

  const found = await inspect(text);
  const told = await inspect(text, { types: { age: "text" } });

  expect(found.plan.columns[0]).toMatchObject({
    type: "text",
    offers: [{ type: "integer", reason: expect.stringContaining("40 of the first 41") }],
  });
  expect(told.plan.columns[0]?.offers).toBeUndefined();
});
