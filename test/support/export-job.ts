/** A table of flights with a key to export from, and what an export of it came to. */
import type { ExportJobView, SluiceClient } from "../../src/client/index.ts";
import type { FaultScene } from "./fault-scene.ts";
import { startImport, waitForEnd } from "./import-job.ts";

/** The columns of the flights' file: without the key that the table gets. */
export const FLIGHT_COLUMNS = ["date", "delay", "distance", "origin", "destination"];

/** Imports flights into the table `flights` and gives it a key, as the service that runs can. */
export async function importFlights(
  scene: FaultScene,
  client: SluiceClient,
  bytes: Uint8Array,
): Promise<void> {
  const job = await startImport(client, bytes, { table: "flights" });
  await waitForEnd(client, job.id);
  await scene.pool.query("alter table flights add column id bigserial primary key");
  await scene.pool.query("vacuum analyze flights");
}

/** Waits for the end of an export. */
export async function waitForExport(client: SluiceClient, jobId: string): Promise<ExportJobView> {
  const job = await waitForEnd(client, jobId);
  if (job.kind !== "export") throw new Error("Expected an export.");
  return job;
}

/** The bytes that a job has made. */
export async function resultOf(client: SluiceClient, jobId: string, from = 0): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await client.openResult(jobId, { from })) pieces.push(piece);
  return Buffer.concat(pieces);
}
