import { expect, test } from "vitest";
import { queryOf } from "./filter.ts";

test.each([
  ["", {}],
  ["people", { q: "people" }],
  [
    "state:running,queued  kind:import people 2026",
    { state: "running,queued", kind: "import", q: "people 2026" },
  ],
  ["size:large", { q: "size:large" }],
])("the filter %j asks for %j", (filter, query) => {
  expect(queryOf(filter)).toEqual(query);
});
