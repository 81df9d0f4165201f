/** The schema made by somebody else than the service: by printed SQL, or by `sluice migrate`, and a service without the right to. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runChecks } from "../../src/cli/health-checks.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { missingSql, upgradeSchema } from "../../src/store/upgrade-schema.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { ask } from "../support/server-home.ts";
import { startServiceProcess, temporaryFolder } from "../support/service.ts";
import { until } from "../support/until.ts";
import { fencedLines, ROOT } from "../docs/pages.ts";

const OWN_SCHEMAS = "n.nspname in ('sluice', 'sluice_dispatch')";
const CATALOG = `select md5(string_agg(line, e'\n' order by line)) from (
  select format('%s.%s.%s %s %s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull) as line
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where ${OWN_SCHEMAS} and a.attnum > 0
  union all select pg_get_functiondef(p.oid) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${OWN_SCHEMAS}
  union all select pg_get_constraintdef(k.oid) from pg_constraint k join pg_namespace n on n.oid = k.connamespace where ${OWN_SCHEMAS}
  union all select t.from_state || t.to_state || t.meaning from sluice.job_edge t
  union all select m.number || m.checksum from sluice.migration m
  union all select q.name || q.policy from sluice_dispatch.queue q) as lines`;

let printed: TestDatabase;
let applied: TestDatabase;

beforeAll(async () => {
  printed = await openTestDatabase({ isEmpty: true });
  applied = await openTestDatabase({ isEmpty: true });
});
afterAll(async () => {
  await printed?.[Symbol.asyncDispose]();
  await applied?.[Symbol.asyncDispose]();
});

test("printed SQL makes the schema that migrating makes, from nothing and from an older version", async () => {
  const before = await missingSql(printed.url);
  expect(await missingSql(printed.url)).toBe(before);
  const upToLast = before.replace(
    /^-- (\d{4})_\S+\n(?![^]*^-- \d{4}_)[^]*?(?=^insert into sluice\.job_state)/m,
    "",
  );

  await printed.pool.query(upToLast);
  const rest = await missingSql(printed.url);
  await printed.pool.query(rest);
  const first = await upgradeSchema(applied.url);

  expect(rest.match(/^-- \d{4}_\S+$/gm)).toHaveLength(1);
  expect(rest).not.toContain("create schema");
  expect(await missingSql(printed.url)).toBe("");
  expect(await upgradeSchema(printed.url)).toEqual({ applied: [], madeDispatch: false });
  expect(first.applied.length).toBeGreaterThan(14);
  expect(first.madeDispatch).toBe(true);
  expect(await ask(printed.url, CATALOG)).toBe(await ask(applied.url, CATALOG));
});

test("a service whose role may not change the schema works with the rights that the guide gives it", async () => {
  const server = applied.url.replace(/\/\/[^@]*@/, "//postgres@");
  const guest = applied.url.replace(/\/\/[^@]*@/, "//importer_without_rights@");
  const grants = fencedLines("docs/guide/your-own-postgres.md", "sql")
    .join("\n")
    .split("-- service without the right to migrate\n")[1]
    ?.replaceAll("importer", "importer_without_rights");
  await upgradeSchema(applied.url);
  await ask(server, "create role importer_without_rights login");
  await ask(server, "grant usage, create on schema public to importer_without_rights");
  await applied.pool.query(grants ?? "");
  await using folder = await temporaryFolder();
  const csv = readFileSync(join(ROOT, "examples/demo/flights-50k.csv"));

  try {
    await expect(ask(guest, "alter table sluice.job add column more text")).rejects.toThrow(
      "owner",
    );
    expect(await doctorSays(guest, folder.path)).toMatch(/^PostgreSQL [\d.]+, schema sluice v\d+$/);
    await using service = await startServiceProcess({ dir: folder.path, databaseUrl: guest });
    const answer = await fetch(`${service.url}/v1/import/flights?waitForUpload=true`, {
      method: "PUT",
      body: csv,
    });
    const { id } = (await answer.json()) as { id: string };
    await until(
      "it is imported",
      async () => (await service.client.getJob(id)).state === "succeeded",
    );

    expect(await ask(guest, "select count(*) from flights")).toBe("50000");
    await service.end("SIGTERM");
    await applied.pool.query(
      "delete from sluice.migration where number = (select max(number) from sluice.migration)",
    );
    expect(await doctorSays(guest, folder.path)).toContain("run `sluice migrate` as its owner");
  } finally {
    await ask(server, "drop owned by importer_without_rights cascade");
    await ask(server, "drop role importer_without_rights");
  }
});

async function doctorSays(url: string, folder: string): Promise<string> {
  const config = await loadConfig({
    cwd: folder,
    environment: { SLUICE_DIR: folder, DATABASE_URL: url },
  });
  return (await runChecks(config)).find(({ name }) => name === "database")?.text ?? "";
}
