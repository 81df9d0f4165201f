import { beforeEach, expect, test, vi } from "vitest";
import { mapColumn, newDraft } from "./draft.ts";
import { recallMapping, rememberMapping } from "./remembered.ts";

const HEADERS = ["ID", "Full Name"];
const DRAFT = mapColumn(newDraft(), { key: "Full Name", column: "full_name" }, "name");

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  });
});

test("the next file of the same headers begins with what was decided, and not with the new table", () => {
  rememberMapping(HEADERS, { ...DRAFT, table: "people" });

  expect(recallMapping(HEADERS, newDraft())).toMatchObject({
    columns: { "Full Name": "name" },
    table: "",
    usedOf: expect.any(String),
  });
  expect(recallMapping(["ID"], newDraft())).toBeNull();
});

test("a table that rows were added to is used again", () => {
  rememberMapping(HEADERS, { ...newDraft(), mode: "append", table: "public.people" });

  expect(recallMapping(HEADERS, newDraft())).toMatchObject({
    mode: "append",
    table: "public.people",
  });
});

test("an import in which nothing was decided takes the mapping away", () => {
  rememberMapping(HEADERS, DRAFT);
  rememberMapping(HEADERS, newDraft());

  expect(recallMapping(HEADERS, newDraft())).toBeNull();
});

test("the mappings of twenty files are kept", () => {
  for (let index = 0; index <= 20; index += 1) rememberMapping([`h${index}`], DRAFT);

  expect(recallMapping(["h0"], newDraft())).toBeNull();
  expect(recallMapping(["h1"], newDraft())).not.toBeNull();
});
