import { describe, expect, test } from "vitest";
import { createJobBodySchema } from "./create-job.ts";
import { planSchema } from "./import-request.ts";
import { inspectionSchema } from "./inspection.ts";
import { fileSchema } from "./file.ts";
import { stopBodySchema } from "./action.ts";
import { exportJobSchema, importJobSchema } from "./job.ts";
import { jobListQuerySchema } from "./job-request.ts";

const FILE = "file_01m84qvm34fc7rq4ee6xdwhyxw";

function pointersOf(body: unknown): string[] {
  const parsed = createJobBodySchema.safeParse(body);
  return parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.join("/"));
}

describe("the body that creates a job", () => {
  test("needs nothing but kind and file", () => {
    const parsed = createJobBodySchema.safeParse({ kind: "import", file: FILE });

    expect(parsed.data).toEqual({ kind: "import", file: FILE });
  });

  test.each([
    ["a state", { state: "succeeded" }, ""],
    ["an owner", { owner: "eve" }, ""],
    ["an epoch", { epoch: 7 }, ""],
    ["a mode that is not offered", { mode: "merge" }, "mode"],
    ["a delivery that is not offered", { delivery: "streamed" }, "delivery"],
    ["a quote of two characters", { reading: { quote: "''" } }, "reading/quote"],
    ["a quote that is not ASCII", { reading: { quote: "é" } }, "reading/quote"],
    ["skipped lines below zero", { reading: { skipLines: -1 } }, "reading/skipLines"],
    ["an option that is not there", { reading: { quotes: true } }, "reading"],
    ["a NUL in the table", { table: "a\0b" }, "table"],
    ["a column that is a number", { columns: { a: 1 } }, "columns/a"],
    ["a pause after no record", { pauseAfter: 0 }, "pauseAfter"],
    ["an id that is a path", { file: "../../etc/passwd" }, "file"],
  ])("refuses %s", (_case, extra, pointer) => {
    expect(pointersOf({ kind: "import", file: FILE, ...extra })).toContain(pointer);
  });

  test.each(["columns", "types"])("refuses __proto__ as a name in %s", (field) => {
    const body: unknown = JSON.parse(
      `{"kind":"import","file":"${FILE}","${field}":{"__proto__":"a"}}`,
    );

    expect(pointersOf(body)).toEqual([field]);
  });

  test("refuses __proto__ as a field", () => {
    const body: unknown = JSON.parse(`{"kind":"import","file":"${FILE}","__proto__":{"state":1}}`);

    expect(pointersOf(body)).toHaveLength(1);
  });
});

test("a stop undoes rows or keeps them, and nothing else", () => {
  expect(stopBodySchema.safeParse({ rows: "keep" }).success).toBe(true);
  expect(stopBodySchema.safeParse({ rows: "publish" }).success).toBe(false);
});

test("a list takes several states with commas between, and only states", () => {
  expect(jobListQuerySchema.parse({ state: "queued,running" }).state).toEqual([
    "queued",
    "running",
  ]);
  expect(jobListQuerySchema.safeParse({ state: "queued,gone" }).success).toBe(false);
});

test.each([
  ["ImportJob", importJobSchema],
  ["ExportJob", exportJobSchema],
  ["File", fileSchema],
  ["Plan", planSchema],
  ["Inspection", inspectionSchema],
])("the schema %s refuses fields that it does not list", (_name, schema) => {
  const parsed = schema.safeParse({ surprise: 1 });

  expect(parsed.error?.issues.at(-1)).toMatchObject({ code: "unrecognized_keys" });
});
