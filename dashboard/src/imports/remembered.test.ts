import { beforeEach, expect, test, vi } from "vitest";
import { mapColumn, newDraft, type Draft } from "./draft.ts";
import { recallMapping, rememberMapping } from "./remembered.ts";

const HEADERS = ["ID", "Full Name"];
const DRAFT = mapColumn(newDraft(), { key: "Full Name", column: "full_name" }, "name");

/** Of a file that is read as it is found. */
async function remember(headers: readonly string[], draft: Draft): Promise<void> {
  await rememberMapping(headers, draft, () => Promise.reject(new Error("It is not looked at.")));
}

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  });
});

test("the next file of the same headers begins with what was decided, and not with the new table", async () => {
  await remember(HEADERS, { ...DRAFT, table: "people" });

  expect(recallMapping(HEADERS, newDraft())).toMatchObject({
    columns: { "Full Name": "name" },
    table: "",
    usedOf: expect.any(String),
  });
  expect(recallMapping(["ID"], newDraft())).toBeNull();
});

test("a table that rows were added to is used again", async () => {
  await remember(HEADERS, { ...newDraft(), mode: "append", table: "public.people" });

  expect(recallMapping(HEADERS, newDraft())).toMatchObject({
    mode: "append",
    table: "public.people",
  });
});

test("an import in which nothing was decided takes the mapping away", async () => {
  await remember(HEADERS, DRAFT);
  await remember(HEADERS, newDraft());

  expect(recallMapping(HEADERS, newDraft())).toBeNull();
});

test("the mappings of twenty files are kept", async () => {
  for (let index = 0; index <= 20; index += 1) await remember([`h${index}`], DRAFT);

  expect(recallMapping(["h0"], newDraft())).toBeNull();
  expect(recallMapping(["h1"], newDraft())).not.toBeNull();
});

test("lines are left out only of a file that begins with such lines too", async () => {
  const draft = { ...newDraft(), reading: { skipLines: 2 } };

  await rememberMapping(HEADERS, draft, () => Promise.resolve(["Report", ""]));

  expect(recallMapping(HEADERS, newDraft())).toBeNull();
  expect(recallMapping(["Report", ""], newDraft())).toMatchObject({ reading: { skipLines: 2 } });
});
