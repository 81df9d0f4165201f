import { expect, test } from "vitest";
import type { ImportJob, Inspection, Table } from "../api/types.ts";
import {
  changeTarget,
  columnsOf,
  draftOfJob,
  exchangeColumns,
  inspectRequestOf,
  isWay,
  isSameQuestion,
  lookRequestOf,
  mapColumn,
  mappingOf,
  newDraft,
  nextName,
  requestOf,
  takeOffer,
  typeColumn,
  waysOf,
} from "./draft.ts";

const EMPTY = newDraft();
const NAME = { key: "Full Name", column: "full_name" };
const BORN = { key: "Born", column: "born" };
const DATED = takeOffer(EMPTY, BORN, { type: "date", dateFormat: "DD.MM.YYYY", reason: "" });

type FoundColumn = Inspection["columns"][number];

function column(number: number, header: string, name: string): FoundColumn {
  return {
    number,
    header,
    column: name,
    type: "text",
    sqlType: "text",
    isRequired: false,
    reason: "text",
    examples: [],
  };
}

const FOUND = [column(1, "ID", "id"), column(2, "Full Name", "full_name")];
const TARGET = {
  columns: [{ name: "id" }, { name: "full_name" }, { name: "born" }],
} as unknown as Table; // the fields that a mapping is made of

test("a new name takes the type along", () => {
  const typed = typeColumn(EMPTY, NAME, "uuid");

  const draft = mapColumn(typed, NAME, "name");

  expect(inspectRequestOf(draft, draft.columns)).toEqual({
    mode: "create",
    columns: { "Full Name": "name" },
    types: { name: "uuid" },
    reading: {},
  });
});

test("columns of one header are told apart by their number", () => {
  const twice = [...FOUND, column(3, "Full Name", "full_name_2")];

  expect(mappingOf(twice, {}, null).map(({ key }) => key)).toEqual(["ID", "#2", "#3"]);
});

test("a column that is left out stays in the mapping, and can be taken again", () => {
  const draft = mapColumn(EMPTY, NAME, null);

  expect(draft.columns).toEqual({ "Full Name": null });
  expect(
    mappingOf(FOUND, draft.columns, null).map(({ header, column: to }) => [header, to]),
  ).toEqual([
    ["ID", "id"],
    ["Full Name", null],
  ]);
  expect(mapColumn(draft, { ...NAME, column: null }, undefined)).toEqual(EMPTY);
});

test("into a table that exists every column goes where it fits, or nowhere, unless a person says more", () => {
  const draft = { ...EMPTY, mode: "append" as const, columns: { Notes: "id", Born: "gone" } };
  const found = [...FOUND, column(3, "Notes", "notes"), column(4, "Born", "born")];

  expect(columnsOf(draft, found, TARGET)).toEqual({
    ID: "id",
    "Full Name": "full_name",
    Notes: "id",
    Born: "born",
  });
  expect(columnsOf({ ...draft, columns: {} }, found, TARGET)).toMatchObject({ Notes: null });
});

test("two columns that are exchanged go where the other went", () => {
  const mapping = mappingOf(FOUND, {}, null);

  expect(exchangeColumns(EMPTY, mapping, ["id", "full_name"]).columns).toEqual({
    ID: "full_name",
    "Full Name": "id",
  });
});

test("an offer sets the type and how the values are written", () => {
  expect([DATED.types, DATED.reading]).toEqual([
    { born: "date" },
    { dateFormats: { born: "DD.MM.YYYY" } },
  ]);
});

test("how dates are written goes along to another name, and away with a column that is left out", () => {
  const renamed = mapColumn(DATED, BORN, "birthday");

  expect(renamed.reading).toEqual({ dateFormats: { birthday: "DD.MM.YYYY" } });
  expect(mapColumn(renamed, { ...BORN, column: "birthday" }, null).reading).toEqual({});
});

test("how dates are written goes away with the type, also where it was said by the header", () => {
  const byHeader = { ...EMPTY, reading: { dateFormats: { Born: "DD.MM.YYYY" }, quote: "'" } };

  expect(typeColumn(DATED, BORN, "text").reading).toEqual({});
  expect(typeColumn(byHeader, BORN, "text").reading).toEqual({ quote: "'" });
  expect(takeOffer(DATED, BORN, { type: "integer", reason: "" }).reading).toEqual({});
});

test("how dates are written is not said of the columns of another table", () => {
  expect(changeTarget(DATED, "append", "people")).toMatchObject({
    mode: "append",
    table: "people",
    reading: {},
  });
});

test("the file by itself is looked at without formats of columns that a person has named", () => {
  const reading = { ...DATED.reading, delimiter: ";" };

  expect(lookRequestOf({ reading })).toEqual({ reading: { delimiter: ";" } });
});

test.each([
  ["", null],
  ["12", 12],
  [" 5% ", "5%"],
])("the limit %j is sent as %j", (maxRejected, sent) => {
  expect(requestOf({ ...EMPTY, maxRejected }, {}).maxRejected).toBe(sent);
});

test.each([
  ["people", "people_2"],
  ["public.people_2", "public.people_3"],
  ["sales_2026_q1", "sales_2026_q1_2"],
])("a table whose name %s is taken becomes %s", (table, next) => {
  expect(nextName(table)).toBe(next);
});

test("a table that a job has made is not made again by its rerun, which reads as before", () => {
  const job = {
    table: "public.people",
    mode: "create",
    columns: { Notes: null },
    types: {},
    reading: { delimiter: ";" },
    result: { rows: "kept" },
    maxRejected: null,
    pauseAfter: 10,
    maxRecordsPerSecond: 5_000,
  } as unknown as ImportJob; // the fields that a draft is made of

  expect(requestOf(draftOfJob(job), {})).toMatchObject({
    table: "public.people_2",
    reading: { delimiter: ";" },
    pauseAfter: 10,
    maxRecordsPerSecond: 5_000,
  });
});

test("rows are updated by each key that the file fills, and no key is sent otherwise", () => {
  const target = { uniqueKeys: [["id"], ["region", "code"]] } as unknown as Table; // what is looked at
  const ways = waysOf(target, [{ column: "id" }, { column: "code" }, { column: null }]);

  expect(ways.map(([words]) => words)).toEqual([
    "update it, matched by id",
    "skip it",
    "reject it",
    "replace the whole table",
  ]);
  const drafts = ways.map(([, way]) => ({ ...EMPTY, table: "people", key: [], ...way }));
  expect(drafts.map((draft) => ways.findIndex(([, way]) => isWay(draft, way)))).toEqual([
    0, 1, 2, 3,
  ]);
  expect(drafts.map((draft) => requestOf(draft, {}))).toMatchObject([
    { mode: "upsert", key: ["id"], onConflict: "reject" },
    { mode: "append", onConflict: "skip" },
    { mode: "append", onConflict: "reject" },
    { mode: "replace" },
  ]);
  expect(requestOf({ ...EMPTY, mode: "replace" }, {})).not.toHaveProperty("key");
});

test("types are not sent for a table that exists", () => {
  const draft = {
    ...typeColumn(EMPTY, { key: "ZIP", column: "zip" }, "text"),
    mode: "append" as const,
  };

  expect(inspectRequestOf(draft, {})).not.toHaveProperty("types");
});

test.each([
  ["a limit", { maxRejected: "5%", pauseAfter: "10", speed: "100" }, true],
  ["the delivery", { delivery: "direct" as const }, true],
  ["the table", { table: "people" }, false],
  ["a column", { columns: { ID: null } }, false],
  ["the reading", { reading: { quote: "'" } }, false],
])("whether another value of %s is another question", (_, change, isSame) => {
  expect(isSameQuestion({ ...EMPTY, ...change }, EMPTY)).toBe(isSame);
});
