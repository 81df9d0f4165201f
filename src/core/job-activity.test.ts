import { expect, test } from "vitest";
import { headOfStatement } from "./job-activity.ts";

test.each([
  ["lock table people", "lock table people"],
  ["ALTER TABLE people\n  ADD COLUMN note text", "ALTER TABLE people ADD COLUMN note text"],
  ["update people set name = 'Ada' where id = 4", "update people set name = …"],
  ["select * from people where id = $1", "select * from people where id = …"],
  [`select ${"a".repeat(60)}`, `select ${"a".repeat(33)} …`],
  ["delete from people where id = 12", "delete from people where id = …"],
  ["  ", ""],
])("of %j the beginning without values is told", (text, head) => {
  expect(headOfStatement(text)).toBe(head);
});
