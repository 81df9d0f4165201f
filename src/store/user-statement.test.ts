import { expect, test } from "vitest";
import { checkUserStatement } from "./user-statement.ts";

test.each([
  "select 1",
  "  insert into begin_log values (1)",
  "with gone as (delete from a returning *) insert into b select * from gone",
  "/* commit */ update t set a = 1",
  "-- rollback\nselect 2",
  "set local search_path = other",
  "SET CONSTRAINTS ALL DEFERRED",
  "lock table t",
  "",
])("%j is for user code", (statement) => {
  expect(() => checkUserStatement(statement)).not.toThrow();
});

test.each([
  "begin",
  "START TRANSACTION",
  "commit",
  "End",
  "rollback to savepoint a",
  "abort",
  "savepoint a",
  "release a",
  "prepare transaction 'a'",
  "; ;commit",
  "/* a */ -- b\n /* c /* d */ */ commit and chain",
  "-- a\rcommit",
  "set role other",
  "set session authorization other",
  "reset all",
  "discard all",
  "listen a",
])("%j is not", (statement) => {
  expect(() => checkUserStatement(statement)).toThrow(
    expect.objectContaining({ code: "invalid_request" }) as Error,
  );
});
