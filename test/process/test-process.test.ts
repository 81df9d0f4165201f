/** `testProcess`, as the author of a process uses it. */
import { expect, inject, test } from "vitest";
import { z } from "zod";
import { defineProcess } from "sluice";
import { testProcess } from "sluice/testing";
import createTeams from "../../processes/create-teams.ts";
import swapColumns from "../../processes/swap-columns.ts";
import { startTeamService } from "./team-service.ts";

const databaseUrl = inject("serverUrl");

const PEOPLE = "name,age\nAnn,31\nBob,x\nCyra,33\nDan,34\nEve,35\n";

test("a process that keeps to ctx.tx ends in the same state, on a private server", async () => {
  const people = defineProcess({
    name: "people",
    record: z.object({ name: z.string(), age: z.coerce.number() }),
    params: z.object({ table: z.string() }),
    output: { columns: ["key", "name"] },
    async run(batch, ctx) {
      for (const record of batch.records) {
        const key = batch.keyOf(record);
        if (record.name === "Dan") ctx.reject(record, "not Dan", { column: "name" });
        else await ctx.tx.query("insert into person values ($1, $2)", [key, record.name]);
        ctx.emit({ key, name: record.name });
      }
    },
  });

  const { crashes, end } = await testProcess(people, {
    csv: PEOPLE,
    batchSize: 2,
    params: { table: "person" },
    setup: "create table person (key text primary key, name text); create table other (a int)",
  });

  const job = "job_00000000000000000000000001";
  expect(crashes).toBe(6);
  expect(end).toEqual({
    counters: { read: 5, written: 3, rejected: 2 },
    tables: {
      "public.other": [],
      "public.person": [
        { key: `${job}:1`, name: "Ann" },
        { key: `${job}:3`, name: "Cyra" },
        { key: `${job}:5`, name: "Eve" },
      ],
    },
    output: `key,name\n${job}:1,Ann\n${job}:3,Cyra\n${job}:4,Dan\n${job}:5,Eve\n`,
    rejections: [
      { record: 2, line: 3, column: "age", code: "against_schema", message: expect.any(String) },
      { record: 4, line: 5, column: "name", code: "refused_by_process", message: "not Dan" },
    ],
    outside: undefined,
  });
});

test("a process that remembers from batch to batch is found out", async () => {
  let total = 0;
  const totals = defineProcess({
    name: "totals",
    output: { columns: ["total"] },
    async run(batch, ctx) {
      await ctx.tx.query("create table if not exists total (total int)");
      for (const record of batch.records) {
        total += Number(record["age"]);
        ctx.emit({ total });
        await ctx.tx.query("insert into total values ($1)", [total]);
      }
    },
  });
  const outside = {
    reset: () => {
      total = 0;
    },
    read: () => total,
  };

  const testing = testProcess(totals, {
    csv: "age\n1\n2\n",
    batchSize: 1,
    outside,
    databaseUrl,
  });

  await expect(testing).rejects.toThrow(
    [
      "With 4 crashes at batch boundaries totals ends in another state:",
      '- public.total: only without crashes: {"total":1}, {"total":3}.',
      '- public.total: only with crashes: {"total":2}, {"total":6}.',
      '- output, line 2: "1" without crashes, "2" with them.',
      "- outside: 3 without crashes, 6 with them.",
    ].join("\n"),
  );
});

test("columns that differ from run to run can be left out", async () => {
  const numbered = defineProcess({
    name: "numbered",
    async run(batch, ctx) {
      for (const record of batch.records)
        await ctx.tx.query("insert into numbered (name) values ($1)", [record["name"]]);
    },
  });
  const options = {
    csv: PEOPLE,
    batchSize: 2,
    setup: "create table numbered (id serial, at timestamptz default clock_timestamp(), name text)",
    databaseUrl,
  };

  const { end } = await testProcess(numbered, {
    ...options,
    ignoreColumns: ["at", "numbered.id"],
  });
  const strict = testProcess(numbered, { ...options, ignoreColumns: ["at"] });

  expect(end.tables["public.numbered"]?.[0]).toEqual({ name: "Ann" });
  await expect(strict).rejects.toThrow('public.numbered: only with crashes: {"id":');
});

test("a process that fails is told as failed, also when only crashes make it fail", async () => {
  let runs = 0;
  const fails = defineProcess({
    name: "fails",
    retries: 1,
    run: () => {
      if (++runs > 1) throw new Error("called twice");
    },
  });

  const alone = testProcess(fails, { csv: "a\n1\n2\n", batchSize: 1, databaseUrl });
  await expect(alone).rejects.toThrow(
    /^The process failed: The batch of rows 2 to 2 failed 2 times, last with: .*called twice/,
  );
  runs = 0;
  const crashed = testProcess(fails, {
    csv: "a\n1\n",
    outside: { reset: () => void (runs = 0), read: () => 0 },
    databaseUrl,
  });
  await expect(crashed).rejects.toThrow(
    /^After 1 crashes at batch boundaries: The process failed: .*called twice/,
  );
});

test("without crashes it runs once", async () => {
  const { crashes, end } = await testProcess(swapColumns, {
    csv: "a,b,c\n1,2,3\n",
    crashAt: "none",
    databaseUrl,
  });

  expect(crashes).toBe(0);
  expect(end.output).toBe("b,a,c\n2,1,3\n");
});

test("params that the process refuses are told", async () => {
  const testing = testProcess(createTeams, {
    csv: "name\nA\n",
    params: { baseUrl: "nowhere" },
    databaseUrl,
  });

  await expect(testing).rejects.toMatchObject({ code: "invalid_request" });
});

test("create-teams makes each team once at the service, with a crash at every boundary", async () => {
  await using service = await startTeamService();
  const names = Array.from({ length: 30 }, (_, index) => `Team ${index}`);

  const { crashes, end } = await testProcess(createTeams, {
    csv: `name\n${names.join("\n")}\n`,
    params: { baseUrl: service.url },
    batchSize: 10,
    outside: {
      reset: () => service.forget(),
      read: () => [...service.teams].map((team) => team.join(" ")).toSorted(),
    },
    databaseUrl,
  });

  expect(crashes).toBe(6);
  expect(service.posts()).toBe(90);
  expect(end.outside).toHaveLength(30);
  expect(end.tables["public.teams"]).toHaveLength(30);
});

test("swap-columns writes the same file with a crash at every boundary", async () => {
  const lines = Array.from({ length: 50 }, (_, index) => `${index},"text, ${index}",x`);

  const { crashes, end } = await testProcess(swapColumns, {
    csv: `id,text,c\n${lines.join("\n")}\n`,
    batchSize: 7,
    databaseUrl,
  });

  expect(crashes).toBe(16);
  expect(end.output?.split("\n").slice(0, 3)).toEqual([
    "text,id,c",
    '"text, 0",0,x',
    '"text, 1",1,x',
  ]);
});
