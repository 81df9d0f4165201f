/** The private PostgreSQL ends under the program `sluice`, and cannot be started for a time. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SluiceClient } from "../../src/client/index.ts";
import { flightsFile } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";
import { makeServerHome, postmasterPid, type ServerHome } from "../support/server-home.ts";
import { until } from "../support/until.ts";

const CLI = fileURLToPath(new URL("../../dist/sluice.js", import.meta.url));
const SLOW_CHUNKS = { SLUICE_FAILPOINT: "chunk_gap:*:sleep=100" };

const flights = flightsFile(8);
let place: ServerHome;
let children: ChildProcess[];

beforeEach(() => {
  place = makeServerHome();
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  place.remove();
});

/** Runs `sluice` on the folder of the test. */
function sluice(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [CLI, ...words], {
    cwd: place.home,
    env: { PATH: process.env["PATH"], SLUICE_DIR: place.dir, SLUICE_PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = once(child, "exit").then(() => child.exitCode);
  return { child, said: () => said, ended };
}

async function serve(environment: Readonly<Record<string, string>> = {}) {
  const program = sluice(["serve"], environment);
  const url = await until("the service listens", () => {
    const found = /API +(http:\S+)\/docs/.exec(program.said())?.[1];
    return found ?? (program.child.exitCode !== null && Promise.reject(new Error(program.said())));
  });
  return { ...program, url, client: new SluiceClient({ url }) };
}

function killServer(): void {
  process.kill(postmasterPid(place.dir), "SIGKILL");
}

/** Takes the server's data away, so that it cannot be started until the returned function puts it back. */
function hideData(): () => void {
  const [data, hidden] = [join(place.dir, "pg"), join(place.home, "hidden")];
  renameSync(join(data, "postgresql.conf"), hidden);
  return () => renameSync(hidden, join(data, "postgresql.conf"));
}

function occurrences(text: string, part: string): number {
  return text.split(part).length - 1;
}

test("a service starts its killed PostgreSQL again, and the job goes on by itself", async () => {
  const service = await serve(SLOW_CHUNKS);
  const job = await startImport(service.client, flights.bytes, { table: "flights" });
  await until("rows are committed", async () => {
    return (await service.client.getJob(job.id)).progress.recordsRead > 0;
  });

  killServer();

  const end = await until("the job has ended", async () => {
    const seen = await service.client.getJob(job.id).catch(() => null);
    return seen !== null && ["succeeded", "failed"].includes(seen.state) && seen;
  });
  expect(end).toMatchObject({ state: "succeeded" });
  expect(occurrences(service.said(), "The private PostgreSQL has ended")).toBe(1);
  expect(occurrences(service.said(), "The private PostgreSQL runs again")).toBe(1);
  expect(service.said()).not.toMatch(/ at .*\.js:|DATABASE_URL and/);
  service.child.kill("SIGTERM");
  expect(await service.ended).toBe(0);
});

test("a PostgreSQL that cannot be started is said once, answered with 503 and its reason, and tried again", async () => {
  const service = await serve();
  const putBack = hideData();
  killServer();
  const ready = () => fetch(`${service.url}/readyz`);

  const refusal = await until("the reason is answered", async () => {
    const answer = await ready();
    const text = await answer.text();
    return answer.status === 503 && text.includes("cannot be started again") && text;
  });
  await until("it is tried twice", () => service.said().includes("cannot be started again"));
  putBack();
  await until("the service is ready", async () => (await ready()).status === 200);

  expect(refusal).toContain("postgresql.conf");
  expect(occurrences(service.said(), "cannot be started again")).toBe(1);
  expect(occurrences(service.said(), "The database does not answer.")).toBeLessThanOrEqual(1);
  await until("it is over", () => service.said().includes("The database answers again"));
});

test("SIGTERM ends a service whose PostgreSQL is gone, with 0 and a clear sentence", async () => {
  const service = await serve();
  hideData();
  killServer();
  await until("it is noticed", () => service.said().includes("has ended"));

  const began = performance.now();
  service.child.kill("SIGTERM");

  expect(await service.ended).toBe(0);
  expect(performance.now() - began).toBeLessThan(12_000);
  expect(service.said()).toContain("Stopped. Jobs continue at the next start.");
  expect(service.said()).not.toContain("cleanly");
});

test("SIGTERM ends a service whose PostgreSQL hangs within the bound, a second one at once", async () => {
  const service = await serve();
  const pid = postmasterPid(place.dir);
  process.kill(pid, "SIGSTOP");
  try {
    service.child.kill("SIGTERM");
    await until("it stops", () => service.said().includes("Stopping"));

    service.child.kill("SIGTERM");

    expect(await service.ended).toBe(130);
    expect(service.said()).toContain("Ended at once. What was committed is safe");
  } finally {
    process.kill(pid, "SIGCONT");
  }
});

/** `sluice import` with a service of its own, in the middle of its job. */
async function importSlowly() {
  writeFileSync(join(place.home, "flights.csv"), flights.bytes);
  const program = sluice(["import", "flights.csv", "--yes"], SLOW_CHUNKS);
  await until("the import runs", () => program.said().includes("Started a service"));
  await until("rows are committed", async () => {
    const url = /(http:\S+)/.exec(program.said())?.[1] ?? "";
    const jobs = await new SluiceClient({ url }).listJobs();
    return (jobs.items[0]?.progress.recordsRead ?? 0) > 0;
  });
  return program;
}

test("an import with a service of its own goes on when its killed PostgreSQL is back", async () => {
  const program = await importSlowly();

  killServer();

  expect(await program.ended).toBe(0);
  expect(program.said()).toContain("flights");
  expect(program.said()).not.toContain("Jobs go on running");
});

test("SIGTERM ends an import with a service of its own whose PostgreSQL is gone", async () => {
  const program = await importSlowly();
  hideData();
  killServer();
  await until("it says why", () => program.said().includes("cannot be started again"));

  program.child.kill("SIGTERM");

  expect(await program.ended).toBe(6);
  expect(program.said()).toContain("Left before the end. It goes on");
  expect(occurrences(program.said(), "cannot be started again")).toBe(1);
});
