/**
 * What Sluice says of a value and what PostgreSQL makes of it, over random values, on a real server. Sluice takes a
 * value only where the server reads exactly it; where Sluice alone refuses, a rule of the list below says why.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCellCheck } from "../../src/csv/cell-check.ts";
import { readCatalogType } from "../../src/csv/sql-type.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { TYPE_CASES, type TypeCase } from "../support/type-cases.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase({ isEmpty: true });
  // An insert reads a value as COPY does; a cast would cut `varchar(3)`.
  await database.pool
    .query(`create function read_value(probe text, value text) returns text language plpgsql
    set datestyle = iso set timezone = utc as $$
    declare found text;
    begin
      execute format('insert into %I values (%L) returning c::text', probe, value) into found;
      return found;
    exception when others then return null;
    end $$`);
});
afterAll(() => database?.[Symbol.asyncDispose]());

/** Sluice's verdict on a value that is not empty: an empty field never comes to a check. */
function verdict(sqlType: string, value: string): string | null {
  const bytes = new TextEncoder().encode(value);
  return makeCellCheck(readCatalogType(sqlType))(bytes, 0, bytes.length);
}

/** Whether this server has the type: PostgreSQL 14 knows no scale below 0 or above the precision. */
async function hasServerType(sqlType: string): Promise<boolean> {
  const { rows } = await database.pool.query<{ version: number }>(
    "select current_setting('server_version_num')::int as version",
  );
  const isNew = sqlType === "numeric(3,-2)" || sqlType === "numeric(3,5)";
  return !isNew || (rows[0]?.version ?? 0) >= 150_000;
}

/** What the server reads, in the type and in the wide one. */
async function serverReads(
  { sqlType, wide }: TypeCase,
  values: readonly string[],
): Promise<readonly { value: string; read: string | null; exact: string | null }[]> {
  const { pool } = database;
  await pool.query(`drop table if exists probe; create table probe (c ${sqlType});
    drop table if exists wide_probe; create table wide_probe (c ${wide})`);
  const { rows } = await pool.query<{ value: string; read: string | null; exact: string | null }>(
    "select v as value, read_value('probe', v) as read, read_value('wide_probe', v) as exact from unnest($1::text[]) v",
    [values],
  );
  return rows;
}

/** Whether the type holds what the wide one does, as the wide one compares. */
async function sameValues(
  wide: string,
  pairs: readonly { read: string; exact: string }[],
): Promise<readonly boolean[]> {
  const equal = wide === "json" ? "a::text = b::text" : `a::${wide} = b::${wide}`;
  const { rows } = await database.pool.query<{ is_same: boolean }>(
    `select ${equal} as is_same from unnest($1::text[], $2::text[]) with ordinality as p(a, b, n) order by n`,
    [pairs.map(({ read }) => read), pairs.map(({ exact }) => exact)],
  );
  return rows.map((row) => row.is_same);
}

describe("Sluice and PostgreSQL agree on", () => {
  test.each(TYPE_CASES)("$sqlType", async (each) => {
    const { sqlType } = each;
    if (!(await hasServerType(sqlType))) return;
    const seed = Number(process.env["SLUICE_SEED"] ?? Date.now() % 1_000_000);
    const values = [...new Set(fc.sample(each.values, { numRuns: 1500, seed }))].filter(
      (value) => value !== "",
    );

    const rows = await serverReads(each, values);

    const taken = rows.filter(({ value }) => verdict(sqlType, value) === null);
    expect(taken.length).toBeGreaterThan(sqlType === "boolean" ? 8 : 20); // otherwise the values miss the type
    const refusedByServer = taken.filter(({ read }) => read === null).map(({ value }) => value);
    expect({ seed, refusedByServer }).toEqual({ seed, refusedByServer: [] });

    const pairs = taken.map(({ read, exact }) => ({ read: read ?? "", exact: exact ?? "" }));
    const same = await sameValues(each.wide, pairs);
    expect({ seed, changed: taken.filter((_, at) => same[at] !== true) }).toEqual({
      seed,
      changed: [],
    });

    const left = rows.filter(
      ({ value, read }) => read !== null && verdict(sqlType, value) !== null,
    );
    const leftSame = await sameValues(
      each.wide,
      left.map(({ read, exact }) => ({ read: read ?? "", exact: exact ?? "" })),
    );
    const unexplained = left.filter(
      ({ value }, at) => leftSame[at] === true && !each.stricter.some((rule) => rule.test(value)),
    );
    expect({ seed, unexplained }).toEqual({ seed, unexplained: [] });
  });
});
