import { expect, test } from "vitest";
import { errorOf } from "./request.ts";

test("a format of dates that the service proposes is no encoding", () => {
  const problem = { code: "date_ambiguous", column: "born", proposal: null };

  const both = errorOf(400, JSON.stringify({ ...problem, formats: ["DD.MM.YYYY", "MM.DD.YYYY"] }));
  const encoding = errorOf(400, JSON.stringify({ proposal: "windows-1252" }));

  expect([both.proposal, both.dates]).toEqual([
    undefined,
    { column: "born", formats: ["DD.MM.YYYY", "MM.DD.YYYY"] },
  ]);
  expect([encoding.proposal, encoding.dates]).toEqual(["windows-1252", null]);
});
