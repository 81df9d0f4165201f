// Sluice as it is measured: a service in a process of its own, and the command line from a cold start.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { SluiceClient } from "../dist/client/index.js";
import { runProgram, watchMemory } from "./programs.mjs";

const PROGRAM = fileURLToPath(new URL("../dist/sluice.js", import.meta.url));
const READ_BYTES = 1024 * 1024;

function environmentOf(folder, databaseUrl) {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, SLUICE_DIR: join(folder, "sluice"), DATABASE_URL: databaseUrl };
}

/** Starts a service on the database and waits until it listens. */
export async function startBenchService(folder, databaseUrl) {
  const child = spawn(process.execPath, [PROGRAM, "serve", "--json", "--port", "0"], {
    env: environmentOf(folder, databaseUrl),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    log = (log + text).slice(-4000);
  });
  const ended = once(child, "exit");
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    ended.then(() => [null]),
  ]);
  if (line === null) throw new Error(`The service ended before it listened:\n${log}`);
  const client = new SluiceClient({ url: JSON.parse(line).url });
  return {
    client,
    pid: child.pid,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/**
 * One import through the service: the time from the first byte of the upload to `succeeded`, and of it the time from the
 * request for the job on, which is what counts where the file is there already.
 */
export async function importByService({ client, pid }, data, request) {
  const memory = watchMemory(pid);
  const begun = performance.now();
  const bytes = createReadStream(data.path, { highWaterMark: READ_BYTES });
  const file = await client.uploadFile(`${data.name}.csv`, bytes);
  const uploaded = performance.now();
  const created = await client.createJob({ kind: "import", file: file.id, ...request });
  const job = await waitForEnd(client, created.id);
  const ended = performance.now();
  const peakBytes = memory.stop();
  if (job.state !== "succeeded")
    throw new Error(`The job is ${job.state}: ${JSON.stringify(job.failure)}`);
  await forget(client, job);
  return {
    seconds: (ended - begun) / 1000,
    jobSeconds: (ended - uploaded) / 1000,
    peakBytes,
  };
}

/** One import in one request, from its first byte to `succeeded`. */
export async function importByRequest({ client, pid }, data, table) {
  const memory = watchMemory(pid);
  const begun = performance.now();
  const response = await fetch(`${client.url}/v1/import/${table}`, {
    method: "PUT",
    headers: { "content-type": "text/csv", "content-length": String(data.bytes) },
    body: createReadStream(data.path, { highWaterMark: READ_BYTES }),
    duplex: "half",
  });
  const created = await response.json();
  if (!response.ok) throw new Error(`The request was refused: ${JSON.stringify(created)}`);
  const job = await waitForEnd(client, created.id);
  const seconds = (performance.now() - begun) / 1000;
  const peakBytes = memory.stop();
  if (job.state !== "succeeded")
    throw new Error(`The job is ${job.state}: ${JSON.stringify(job.failure)}`);
  await forget(client, job);
  return { seconds, peakBytes };
}

/**
 * One export through the service to a file at `path`: the time from the request to the last byte of the download, and of
 * it the time to `succeeded`, when the file lies with the service.
 */
export async function exportByService({ client, pid }, table, path) {
  const memory = watchMemory(pid);
  const begun = performance.now();
  const created = await client.createExport({ table });
  const job = await waitForEnd(client, created.id);
  const jobSeconds = (performance.now() - begun) / 1000;
  if (job.state !== "succeeded")
    throw new Error(`The job is ${job.state}: ${JSON.stringify(job.failure)}`);
  const response = await fetch(`${client.url}/v1/jobs/${job.id}/result`);
  await pipeline(response.body, createWriteStream(path));
  const seconds = (performance.now() - begun) / 1000;
  const peakBytes = memory.stop();
  await forget(client, { ...job, file: job.result.file });
  return { seconds, jobSeconds, peakBytes, path };
}

/** Waits until a job is over; returns it. */
export async function waitForEnd(client, jobId) {
  for (;;) {
    const response = await fetch(`${client.url}/v1/jobs/${jobId}?wait=30`);
    const job = await response.json();
    if (isOver(job)) return job;
  }
}

function isOver(job) {
  return ["succeeded", "failed", "stopped", "undone"].includes(job.state);
}

/** Deletes an ended job and its file, so that the folder does not grow with the rounds. */
export async function forget(client, job) {
  await fetch(`${client.url}/v1/jobs/${job.id}`, { method: "DELETE" });
  await client.deleteFile(job.file);
}

/** The same for the files of a service that is over. */
async function forgetFiles(folder) {
  const names = (await readdir(folder)).filter((name) => name.startsWith("file_"));
  for (const name of names) await rm(join(folder, name));
}

/** `sluice import` as a whole process, with a service of its own, from start to end. */
export async function importByCommand(folder, databaseUrl, data, flags) {
  const args = [PROGRAM, "import", data.path, "--yes", "--json", ...flags];
  const env = environmentOf(folder, databaseUrl);
  const run = await runProgram(process.execPath, args, { env, cwd: folder });
  await forgetFiles(join(env.SLUICE_DIR, "files"));
  return run;
}
