import { expect, test } from "vitest";
import { transactionWord } from "./statement-check.ts";

test.each([
  ["commit", "COMMIT"],
  ["  Begin;", "BEGIN"],
  ["-- end it\nrollback", "ROLLBACK"],
  ["/* a /* nested */ b */ SAVEPOINT x", "SAVEPOINT"],
  [";;\n; commit", "COMMIT"],
  ["/**/end/**/", "END"],
  ["start transaction", "START"],
  ["release savepoint x", "RELEASE"],
  ["abort", "ABORT"],
  ["prepare /* x */ transaction 'a'", "PREPARE TRANSACTION"],
])("%j controls the transaction", (statement, word) => {
  const found = transactionWord(statement);

  expect(found).toBe(word);
});

test.each([
  "select 1",
  "",
  "-- commit",
  "/* commit",
  "committed",
  "insert into t values ('commit')",
  "prepare x as select 1",
  "prepare transactions as select 1",
  "with begin as (select 1) select * from begin",
])("%j does not", (statement) => {
  const found = transactionWord(statement);

  expect(found).toBeNull();
});
