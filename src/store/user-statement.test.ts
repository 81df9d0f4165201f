import { expect, test } from "vitest";
import { checkUserStatement } from "./user-statement.ts";

test.each([
  "commit",
  "  Begin;",
  "-- end it\nrollback",
  "/* a /* nested */ b */ SAVEPOINT x",
  ";;\n; commit",
  "/**/end/**/",
  "start transaction",
  "release savepoint x",
  "abort",
  "prepare /* x */ transaction 'a'",
])("%j is refused: it is about the transaction", (statement) => {
  expect(() => checkUserStatement(statement)).toThrow("inside the batch's transaction");
});

test.each(["set role other", "RESET all", "discard all", "listen x"])(
  "%j is refused: it changes the session",
  (statement) => {
    expect(() => checkUserStatement(statement)).toThrow("changes nothing of the session");
  },
);

test.each([
  "select 1",
  "",
  "-- commit",
  "/* commit",
  "committed",
  "insert into t values ('commit')",
  "set local statement_timeout = 1000",
  "set constraints all deferred",
  "with begin as (select 1) select * from begin",
])("%j may run", (statement) => {
  expect(() => checkUserStatement(statement)).not.toThrow();
});
