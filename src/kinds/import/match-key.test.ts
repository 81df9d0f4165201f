import { expect, it } from "vitest";
import type { ImportPlan, TargetColumn } from "../../core/import-plan.ts";
import type { ImportRequest } from "../../core/job.ts";
import { importPlanner } from "./import-planner.ts";

const TARGET = { schema: "public", table: "people" };

function aColumn(name: string, sqlType: string, isRequired = false): TargetColumn {
  return { name, sqlType, isRequired, hasDefault: false, isWritable: true };
}

/** Plans an upsert into people (id, name, region) with two unique indexes. */
function upsert(text: string, request: Partial<ImportRequest> = {}): ImportPlan {
  const sample = new TextEncoder().encode(text);
  const file = { id: "file_1", name: "people.csv", bytes: sample.length, sha256: "ab12" };
  return importPlanner.plan({
    request: { kind: "import", file: "file_1", mode: "upsert", ...request },
    sample,
    isWhole: true,
    file: { ...file, createdAt: new Date(0) },
    target: TARGET,
    targetTable: {
      ...TARGET,
      columns: [
        aColumn("id", "integer", true),
        aColumn("name", "text", true),
        aColumn("region", "text"),
      ],
      uniqueKeys: [["id"], ["region", "name"]],
    },
    staging: "staging_1",
  });
}

it("matches rows by the columns of an index, which need a value", () => {
  const made = upsert("Name,Region\nAnn,EU\n", { key: ["Name", "#2"] });

  expect(made).toMatchObject({ mode: "upsert", matchedBy: ["region", "name"] });
  expect(made.key).toBeUndefined();
  expect(made.recordColumn).toBe("#record");
  expect(made.columns.map(({ isRequired }) => isRequired)).toEqual([true, true]);
});

it("leaves required columns out, and says that new rows need them", () => {
  expect(upsert("id,region\n1,EU\n", { key: ["id"] }).warnings).toEqual([
    {
      code: "new_rows_incomplete",
      message:
        "Only rows that exist can be updated: new ones need name, which the file does not fill, and are rejected.",
    },
  ]);
});

it.each<[Partial<ImportRequest>, string, string]>([
  [{}, "invalid_request", "public.people has unique indexes on id; region, name."],
  [{ key: ["name"] }, "unique_index_missing", "No unique index on public.people(name)"],
  [{ key: ["name"] }, "unique_index_missing", "create unique index on public.people (name);"],
  [{ key: ["zip"] }, "invalid_request", "a column that the file fills"],
  [{ key: ["id"], delivery: "direct" }, "invalid_request", "delivery staged with mode upsert"],
  [{ mode: "replace", delivery: "direct" }, "invalid_request", "delivery staged with mode replace"],
  [{ mode: "replace", key: ["id"] }, "invalid_request", "its own keys hold"],
  [{ key: ["id"], onConflict: "skip" }, "invalid_request", "it is for mode append, got upsert"],
  [
    { mode: "append", delivery: "direct", onConflict: "skip" },
    "invalid_request",
    "delivery is direct",
  ],
])("refuses %j as %s", (request, code, text) => {
  expect(() => upsert("id,name\n1,Ann\n", request)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(text) }),
  );
});
