/** The processes that come with the package, run by a host over a real database and a service. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type pg from "pg";
import { userCodeEnvironment } from "../../src/config/user-code-environment.ts";
import type { HostAnswer, ProcessHost } from "../../src/core/process-ports.ts";
import type { ProcessPlan } from "../../src/core/process-plan.ts";
import { outputHeader } from "../../src/kinds/process/output-header.ts";
import { createProcessCatalog } from "../../src/kinds/process/process-catalog.ts";
import { createProcessHosts } from "../../src/kinds/process/process-hosts.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import type { CompiledSource } from "../support/compiled-child.ts";
import { aBatch, aPlan, compileHost, someCalls } from "./process-folder.ts";
import { startTeamService, type TeamService } from "./team-service.ts";

const FOLDER = join(import.meta.dirname, "../../processes");
let source: CompiledSource;
let database: TestDatabase;

beforeAll(async () => {
  source = compileHost();
  database = await openTestDatabase({ isEmpty: true });
});

afterAll(async () => {
  source.remove();
  await database[Symbol.asyncDispose]();
});

function setting() {
  const entry = pathToFileURL(join(source.folder, "process-main.js"));
  return { folder: FOLDER, environment: userCodeEnvironment(), entry };
}

function start(name: string, plan: Partial<ProcessPlan>): Promise<ProcessHost> {
  const limits = { batchMs: 60_000, memoryBytes: 512 * 1024 * 1024 };
  return createProcessHosts(setting()).start(aPlan(name, plan), limits);
}

function records(names: readonly string[], first = 1) {
  return names.map((name, index) => ({
    record: first + index,
    line: first + index + 1,
    values: [name],
  }));
}

/** Runs a batch in a transaction, which commits when the batch was done and it is asked to. */
async function inTransaction(
  work: (client: pg.PoolClient) => Promise<HostAnswer>,
  end: "commit" | "rollback" = "commit",
): Promise<HostAnswer> {
  const client = await database.pool.connect();
  try {
    await client.query("begin");
    const answer = await work(client);
    await client.query(answer.kind === "done" ? end : "rollback");
    return answer;
  } finally {
    client.release();
  }
}

function callsOf(client: pg.PoolClient) {
  return someCalls(async (text, values) => {
    const { rows, rowCount } = await client.query<Record<string, unknown>>(text, [...values]);
    return { rows, rowCount: rowCount ?? 0 };
  });
}

async function rowsOfTeams(): Promise<readonly string[]> {
  const { rows } = await database.pool.query<{ key: string; name: string }>(
    "select key, name from teams",
  );
  return rows.map(({ key, name }) => `${key} ${name}`).toSorted();
}

async function createTeams(service: TeamService): Promise<ProcessHost> {
  const params = { baseUrl: service.url, parallel: "4" };
  return start("create-teams", { params, fields: ["name"], header: ["name"] });
}

test("both are in the catalog", async () => {
  const { processes, broken } = await createProcessCatalog(setting()).list();

  expect(broken).toEqual([]);
  expect(processes.map(({ name, hasUndo, hasOutput }) => [name, hasUndo, hasOutput])).toEqual([
    ["create-teams", true, false],
    ["swap-columns", false, true],
  ]);
});

test.each([
  [["a", "b", "c"], ["1", "two, 2", "3"], ["b", "a", "c"], '"two, 2",1,3\n'],
  [["a", "b"], ["1", ""], ["b", "a"], ",1\n"],
  [["a"], ["1"], ["a"], "1\n"],
])("swap-columns of the columns %j", async (fields, values, swapped, line) => {
  const header = fields.map((field) => field.toUpperCase());
  const plan = { fields, header, outputHeader: outputHeader(swapped, { fields, header }) };
  const host = await start("swap-columns", plan);

  const answer = await host.run(aBatch({ records: [{ record: 1, line: 2, values }] }), someCalls());
  await host.stop();

  expect(plan.outputHeader).toEqual(swapped.map((field) => field.toUpperCase()));
  expect(answer.kind === "done" && Buffer.from(answer.output).toString()).toBe(line);
});

test("create-teams makes each team once, however often a batch is run", async () => {
  await using service = await startTeamService({ meet: 4 });
  const host = await createTeams(service);
  const names = Array.from({ length: 200 }, (_, index) => `Team ${index}`);
  const batch = aBatch({ jobId: "job_once", records: records([...names, "bad", " "]) });

  await inTransaction((client) => host.run(batch, callsOf(client)), "rollback");
  const answer = await inTransaction((client) => host.run(batch, callsOf(client)));
  await host.stop();

  expect(answer).toMatchObject({
    kind: "done",
    rejections: [
      { index: 200, column: "name", code: "refused_by_process", message: "The name is taken." },
      { index: 201, column: "name", code: "against_schema", message: "A team needs a name." },
    ],
  });
  expect(service.posts()).toBe(400);
  expect(service.mostAtATime()).toBe(4);
  expect([...service.teams.values()].toSorted()).toEqual(names.toSorted());
  expect(await rowsOfTeams()).toEqual(
    names.map((name, index) => `job_once:${index + 1} ${name}`).toSorted(),
  );
  await database.pool.query("drop table teams");
});

test("create-teams asks for no further team after an error, and tells it by its line", async () => {
  await using service = await startTeamService();
  const host = await createTeams(service);
  const names = ["broken", ...Array.from({ length: 100 }, () => "fine")];

  const answer = await inTransaction((client) =>
    host.run(aBatch({ records: records(names) }), callsOf(client)),
  );
  await host.stop();

  expect(answer).toEqual({
    kind: "threw",
    message: "POST /teams was answered with 500.",
    place: expect.stringMatching(/^create-teams\.ts line \d+$/),
  });
  expect(service.posts()).toBeLessThan(50);
});

test("undoing create-teams deletes teams and rows of a batch, and keeps what is in use", async () => {
  await using service = await startTeamService();
  const host = await createTeams(service);
  const done = aBatch({ jobId: "job_undo", records: records(["A", "B", "C"]) });
  const other = aBatch({ jobId: "job_undo", records: records(["D"], 4) });
  await inTransaction((client) => host.run(done, callsOf(client)));
  await inTransaction((client) => host.run(other, callsOf(client)));
  service.busy.add("job_undo:2");

  const undo = (): Promise<HostAnswer> =>
    inTransaction((client) => host.undo({ ...done, isCommitted: true }, callsOf(client)));
  const answer = await undo();
  const again = await undo();
  await host.stop();

  expect(answer).toMatchObject({
    kind: "done",
    kept: [{ index: 1, reason: "The team has members by now." }],
  });
  expect(again).toMatchObject({ kind: "done" });
  expect([...service.teams.values()]).toEqual(["B", "D"]);
  expect(await rowsOfTeams()).toEqual(["job_undo:2 B", "job_undo:4 D"]);
  await database.pool.query("drop table teams");
});

test("undoing an interrupted batch of create-teams deletes what was made outside, without a table", async () => {
  await using service = await startTeamService();
  const host = await createTeams(service);
  const batch = aBatch({ records: records(["A", "B"]) });
  await inTransaction((client) => host.run(batch, callsOf(client)), "rollback");
  const made = service.teams.size;

  const answer = await inTransaction((client) => host.undo(batch, callsOf(client)));
  await host.stop();

  expect(made).toBe(2);
  expect(answer).toMatchObject({ kind: "done", kept: [] });
  expect(service.teams.size).toBe(0);
});
