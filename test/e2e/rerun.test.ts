/** Seeing what was rejected and running the job again with corrections, by the command line over a real service. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { startImport, waitForEnd } from "../support/import-job.ts";
import { startServiceProcess, temporaryFolder, type ServiceProcess } from "../support/service.ts";

const CSV = Buffer.from('Id,Age\r\n1,36\r\n2,forty\r\n3,"5\n6"\r\n4,7');

let database: TestDatabase;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: ServiceProcess;

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await temporaryFolder();
  service = await startServiceProcess({ dir: folder.path, databaseUrl: database.url });
});

afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

/** Runs the command line against the service. */
async function sluice(...words: readonly string[]) {
  const main = fileURLToPath(new URL("../../dist/sluice.js", import.meta.url));
  const child = spawn(process.execPath, [main, ...words], {
    cwd: folder.path,
    env: { PATH: process.env["PATH"], SLUICE_URL: service.url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(child, "close");
  return { stdout, stderr, exitCode: child.exitCode };
}

describe("rows that were rejected", () => {
  test("are listed, written to a file as they are, and imported when the job is run again", async () => {
    const options = { table: "first", types: { age: "integer" } };
    const job = await startImport(service.client, CSV, options);
    await waitForEnd(service.client, job.id);
    const file = join(folder.path, "bad.csv");

    const shown = await sluice("show", job.id);
    const listed = await sluice("rejected", job.id);
    const written = await sluice("rejected", job.id, "--csv", "-o", file);
    const rerun = await sluice("rerun", job.id, "--types", "age=text", "--table", "second");

    expect(shown.stdout).toContain("sluice rejected ");
    expect(listed.stdout).toMatch(/3 {2}age {5}forty .*"forty" is not a whole number/);
    expect(written.stderr).toBe(`Wrote 2 rejected rows to ${file}.\n`);
    expect(await readFile(file, "utf8")).toBe('Id,Age\r\n2,forty\r\n3,"5\n6"\r\n');
    expect(rerun.stderr).toContain("→ new table public.second   id integer · age text");
    expect(rerun.stdout).toContain("Imported 4 rows into public.second");
    expect(rerun.exitCode).toBe(0);
    const { rows } = await database.pool.query("select age from second order by id");
    expect(rows.map(({ age }: { age: string }) => age)).toEqual(["36", "forty", "5\n6", "7"]);
    await expectAllGood(database.pool);
  });

  test("can go to standard output with their reasons, or one a line as JSON", async () => {
    const options = { table: "third", types: { age: "integer" } };
    const job = await startImport(service.client, CSV, options);
    await waitForEnd(service.client, job.id);

    const reasons = await sluice("rejected", job.id, "--reasons");
    const json = await sluice("rejected", job.id, "--json", "-o", "-");

    expect(reasons.stdout.split("\r\n").slice(0, 2)).toEqual([
      "_line,_column,_code,_reason,Id,Age",
      '3,age,invalid_integer,"""forty"" is not a whole number",2,forty',
    ]);
    const lines = json.stdout.trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { record: number }).record)).toEqual([2, 3]);
  });

  test("a job that is not over cannot be run again, and says so", async () => {
    const job = await startImport(service.client, CSV, { table: "held", startPaused: true });

    const { stderr, exitCode } = await sluice("rerun", job.id);

    expect(exitCode).toBe(1);
    expect(stderr).toContain("it can be run again when it is over");
    expect(await sluice("rerun", job.id, "--reset", "colour")).toMatchObject({ exitCode: 2 });
  });
});
