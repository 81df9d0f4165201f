import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aJobView } from "../../../test/support/a-job-view.ts";
import { answerJson, startTestServer, type TestServer } from "../../../test/support/http-server.ts";
import { runCli, type CliStreams } from "../run-cli.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "sluice-import-"));
  await writeFile(join(dir, "people.csv"), "id\n1\n");
});
afterAll(() => rm(dir, { recursive: true }));

function textOf(stream: PassThrough): string {
  return (stream.read() as Buffer | null)?.toString() ?? "";
}

/** Imports the file over `server`, not on a terminal. */
async function importFile(server: TestServer, ...words: string[]) {
  const streams = [new PassThrough(), new PassThrough(), new PassThrough()] as const;
  const [stdin, stdout, stderr] = streams;
  const exitCode = await runCli(
    ["import", join(dir, "people.csv"), "--yes", "--url", server.url, ...words],
    { stdin, stdout, stderr } as unknown as CliStreams, // streams that are no terminal
  );
  return { exitCode, results: textOf(stdout), notes: textOf(stderr) };
}

test("a service that goes away during the upload leaves no doubt about the import", async () => {
  await using server = await startTestServer((request, response) => {
    if (request.method === "PUT") request.socket.destroy();
    else answerJson(response, 200, {});
  });

  const { exitCode, notes } = await importFile(server);

  expect(exitCode).toBe(75);
  expect(notes).toContain(
    "The service went away before it had all of people.csv. Nothing was imported; run it again.",
  );
});

test("a script that leaves the job to the service gets the whole id", async () => {
  const job = aJobView();
  const file = { id: job.file, name: "people.csv", bytes: 5, sha256: "9f", createdAt: "" };
  const reading = {
    delimiter: ",",
    quote: '"',
    escape: '"',
    encoding: "utf-8",
    firstRecordLine: 2,
  };
  const plan = { table: job.table, mode: "create", reading, columns: [], key: [], warnings: [] };
  await using server = await startTestServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === "PUT") return answerJson(response, 201, file);
    if (request.method !== "POST") return answerJson(response, 200, {});
    const isCheck = Buffer.concat(chunks).toString().includes("validateOnly");
    answerJson(response, 200, isCheck ? plan : job);
  });

  const { exitCode, results, notes } = await importFile(server, "--detach");

  expect({ exitCode, results }).toEqual({ exitCode: 0, results: `${job.id}\n` });
  expect(notes).toContain("sluice watch job_01m84qvwcgff\n");
});
