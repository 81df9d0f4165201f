import { expect, test } from "vitest";
import type { Column, ImportJob, Plan } from "../api/types.ts";
import {
  draftOfJob,
  inspectRequestOf,
  mapColumn,
  mappingOf,
  recallDraft,
  requestOf,
  takeColumn,
  takeOffer,
  typeColumn,
} from "./draft.ts";

const EMPTY = recallDraft("file_1", null) ?? draftOfJob({} as ImportJob); // a draft of a new file is never null
const NAME = { number: 2, header: "Full Name", column: "full_name" };
const TWICE = { number: 3, header: "Full Name", column: "full_name_2" };

function column(number: number, header: string, name: string): Column {
  return {
    number,
    header,
    column: name,
    type: "text",
    sqlType: "text",
    isRequired: false,
    reason: "text",
  };
}

test("a new name takes the type along", () => {
  const typed = typeColumn(EMPTY, "full_name", "uuid");

  const draft = mapColumn(typed, NAME, [NAME], "name");

  expect(inspectRequestOf(draft)).toEqual({
    mode: "create",
    columns: { "Full Name": "name" },
    types: { name: "uuid" },
    reading: {},
  });
});

test("columns of one header are told apart by their number", () => {
  const draft = mapColumn(EMPTY, TWICE, [NAME, TWICE], "other");

  expect(draft.columns).toEqual({ "#3": "other" });
});

test("a column that is left out stays in the mapping, and can be taken again", () => {
  const plan: Pick<Plan, "columns"> = { columns: [column(1, "ID", "id")] };

  const draft = mapColumn(EMPTY, NAME, [NAME], null);

  expect(draft.columns).toEqual({ "Full Name": null });
  expect(mappingOf(draft, plan, null).map(({ header, column: to }) => [header, to])).toEqual([
    ["ID", "id"],
    ["Full Name", null],
  ]);
  expect(takeColumn(draft, NAME, [NAME])).toEqual(EMPTY);
});

test("an offer sets the type and how the values are written", () => {
  const draft = takeOffer(EMPTY, "born", { type: "date", dateFormat: "DD.MM.YYYY", reason: "" });

  expect([draft.types, draft.reading]).toEqual([
    { born: "date" },
    { dateFormats: { born: "DD.MM.YYYY" } },
  ]);
});

test.each([
  ["", null],
  ["12", 12],
  [" 5% ", "5%"],
])("the limit %j is sent as %j", (maxRejected, sent) => {
  expect(requestOf({ ...EMPTY, maxRejected }).maxRejected).toBe(sent);
});

test("a table that a job has made is not made again by its rerun, which reads as before", () => {
  const job = {
    table: "public.people",
    mode: "create",
    columns: { Notes: null },
    types: {},
    result: { rows: "kept" },
    maxRejected: null,
    pauseAfter: 10,
    maxRecordsPerSecond: 5_000,
  } as unknown as ImportJob; // the fields that a draft is made of

  const request = requestOf(draftOfJob(job));

  expect(request).toMatchObject({
    table: "public.people_2",
    pauseAfter: 10,
    maxRecordsPerSecond: 5_000,
  });
  expect(request).not.toHaveProperty("reading");
});

test("types are not sent for a table that exists", () => {
  const draft = { ...typeColumn(EMPTY, "zip", "text"), mode: "append" as const };

  expect(inspectRequestOf(draft)).not.toHaveProperty("types");
});
