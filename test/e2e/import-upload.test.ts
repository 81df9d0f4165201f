/** Imports that begin while their file arrives. */
import { gzipSync } from "node:zlib";
import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile, sumsOf } from "../support/flights.ts";
import { getImport, startImport, waitForEnd } from "../support/import-job.ts";
import type { ServiceProcess } from "../support/service.ts";
import { SlowUpload, waitForJobOf } from "../support/slow-upload.ts";
import { until } from "../support/until.ts";

/** Enough to tell how the file is read, and to commit chunks of. */
const BEGINNING = 6_000_000;

const flights = flightsFile(5);
const { bytes } = flights;
let scene: FaultScene;
let service: ServiceProcess;

beforeAll(async () => {
  scene = await FaultScene.open();
  service = await scene.start();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

/** Sends the beginning of the flights, and returns the job that reads it. */
async function begin(table: string, announced: number | null = bytes.length, query = "") {
  const upload = new SlowUpload(service.url, `/v1/import/${table}${query}`, announced);
  await upload.send(bytes.subarray(0, BEGINNING));
  const { id } = await waitForJobOf(service.client, table);
  return { upload, id };
}

/** Waits until the job has committed every part that can be cut from what was sent. */
async function waitForReading(jobId: string): Promise<void> {
  await until("the job waits for bytes", async () => {
    const { rows } = await scene.pool.query<{ waits: boolean }>(
      `select f.bytes = $2 and sluice.waits_for_bytes(j.id, f.id) as waits
        from sluice.job j join sluice.file f on f.id = j.file_id where j.id = $1`,
      [jobId, BEGINNING],
    );
    return rows[0]?.waits ?? false;
  });
}

/** Sends a whole body in two pieces and returns the answer. */
const importBody = async (table: string, body: Uint8Array, query = "") => {
  const upload = new SlowUpload(service.url, `/v1/import/${table}${query}`, body.length);
  await upload.send(body.subarray(0, Math.ceil(body.length * 0.7)));
  await upload.send(body.subarray(Math.ceil(body.length * 0.7)));
  return upload.end();
};

const line = (id: number, code: string) => `${id},${code},${"x".repeat(60)}\n`;

const storedNames = async () =>
  (await readdir(scene.path("service", "files"))).filter((name) => name.startsWith("file_"));

describe("an import of a file that arrives slowly", () => {
  test("commits before the last byte was sent, and ends with every record once", async () => {
    const { upload, id } = await begin("slow");
    await waitForReading(id);
    const during = await service.client.getJob(id);
    await upload.send(bytes.subarray(BEGINNING));

    const answer = await upload.end();

    expect(during).toMatchObject({
      state: "running",
      upload: { bytesArrived: BEGINNING, bytesAnnounced: bytes.length },
      progress: { bytesTotal: bytes.length },
    });
    expect(during.progress.fraction).toBeCloseTo(during.progress.bytesRead / bytes.length, 5);
    expect(answer).toMatchObject({ status: 201, body: { id, upload: null } });
    await scene.expectImported(id, "slow", flights.sums);
    const { file } = await getImport(service.client, id);
    const { sha256 } = await service.client.uploadFile("again.csv", bytes);
    expect(await service.client.getFile(file)).toMatchObject({ bytes: bytes.length, sha256 });
  });

  test("says nothing of a total that nobody has announced", async () => {
    const { upload, id } = await begin("unannounced", null);
    await waitForReading(id);

    const { progress, ...during } = await getImport(service.client, id);

    expect(during.upload).toEqual({ bytesArrived: BEGINNING, bytesAnnounced: null });
    expect(progress).toMatchObject({
      bytesTotal: null,
      fraction: null,
      recordsTotal: null,
      etaSeconds: null,
    });
    await upload.send(bytes.subarray(BEGINNING));
    await upload.end();
    const end = await waitForEnd(service.client, id);
    expect(end.progress).toMatchObject({ bytesTotal: bytes.length, fraction: 1 });
    await scene.expectImported(id, "unannounced", flights.sums);
  });

  test("begins early too when it is packed on the way, without a total", async () => {
    const packed = gzipSync(bytes);
    const most = Math.ceil(packed.length * 0.8);
    const upload = new SlowUpload(service.url, "/v1/import/packed_on_the_way", packed.length, {
      "content-encoding": "gzip",
    });
    await upload.send(packed.subarray(0, most));
    const { id } = await waitForJobOf(service.client, "packed_on_the_way");
    const during = await service.client.getJob(id);
    await upload.send(packed.subarray(most));

    await upload.end();

    expect(during).toMatchObject({ upload: { bytesAnnounced: null } });
    await scene.expectImported(id, "packed_on_the_way", flights.sums);
  });

  test("leaves its place to another job while it waits for bytes", async () => {
    const { upload, id } = await begin("waiting");
    await waitForReading(id);

    const other = await startImport(service.client, bytes.subarray(0, 100_000), { table: "other" });
    const end = await waitForEnd(service.client, other.id);

    expect(end.state).toBe("succeeded");
    expect((await service.client.getJob(id)).state).toBe("running");
    upload.cut();
    await scene.waitForState(id, "failed");
  });

  test("paused meanwhile commits nothing more while the rest arrives, and goes on when it is resumed", async () => {
    const { upload, id } = await begin("paused");
    await waitForReading(id);

    const pause = await service.client.act(id, "pause");
    await upload.send(bytes.subarray(BEGINNING));
    const answer = await upload.end();

    expect(pause).toMatchObject({ isReached: true, job: { state: "paused" } });
    expect(answer).toMatchObject({ status: 201, body: { id, state: "paused", upload: null } });
    expect((await service.client.getJob(id)).progress.recordsRead).toBe(
      pause.job.progress.recordsRead,
    );
    await service.client.act(id, "resume");
    await scene.expectImported(id, "paused", flights.sums);
  });

  test("can be resumed before the rest arrives", async () => {
    const { upload, id } = await begin("resumed");
    await waitForReading(id);
    await service.client.act(id, "pause");
    await service.client.act(id, "resume");

    await upload.send(bytes.subarray(BEGINNING));
    await upload.end();

    await scene.expectImported(id, "resumed", flights.sums);
  });

  test("stopped meanwhile is told to the sender, and leaves neither table nor file", async () => {
    const before = await storedNames();
    const { upload, id } = await begin("stopped");
    await waitForReading(id);

    const stop = await service.client.act(id, "stop");
    const answer = await upload.answer;

    expect(stop).toMatchObject({ isReached: true, job: { state: "stopped" } });
    expect(answer).toMatchObject({ status: 409, body: { code: "upload_stopped", job: id } });
    await until("the file is gone", async () => (await storedNames()).length === before.length);
    const { rows } = await scene.pool.query("select to_regclass('public.stopped') as found");
    expect(rows).toEqual([{ found: null }]);
    await expectAllGood(scene.pool);
    upload.cut();
  });

  test("is in no list of files before it is whole", async () => {
    const { upload, id } = await begin("unlisted");
    const { file } = await getImport(service.client, id);

    const { items } = await service.client.listFiles();

    expect(items.map((item) => item.id)).not.toContain(file);
    await expect(service.client.getFile(file)).rejects.toMatchObject({ code: "not_found" });
    await expect(service.client.deleteFile(file)).rejects.toMatchObject({ code: "file_in_use" });
    upload.cut();
    await scene.waitForState(id, "failed");
  });

  test("tells which records were written and rejected so far, and which it has found", async () => {
    const { upload, id } = await begin("records");
    await waitForReading(id);
    const { recordsWritten } = (await service.client.getJob(id)).progress;

    const written = await service.client.streamRecords(id, "written", { format: "ndjson" });
    const unprocessed = await service.client.listRecords(id, "unprocessed");

    expect((await new Response(written).text()).split("\n").length - 1).toBe(recordsWritten);
    expect(unprocessed).toMatchObject({ items: [] });
    upload.cut();
    await scene.waitForState(id, "failed");
  });
});

describe("an upload that breaks off", () => {
  test.each(["running", "paused"] as const)(
    "fails a %s job, which has no rows to show",
    async (state) => {
      const table = `broken_${state}`;
      const before = await storedNames();
      const { upload, id } = await begin(table);
      await waitForReading(id);
      if (state === "paused") await service.client.act(id, "pause");

      upload.cut();

      const failed = await scene.waitForState(id, "failed");
      expect(failed.failure).toMatchObject({ code: "upload_incomplete" });
      expect(failed.failure?.message).toContain(String(BEGINNING));
      const { rows } = await scene.pool.query("select to_regclass($1) as found", [
        `public.${table}`,
      ]);
      expect(rows).toEqual([{ found: null }]);
      await until("the file is gone", async () => (await storedNames()).length === before.length);
      await service.client.act(id, "resume");
      const again = await scene.waitForState(id, "failed");
      expect(again.failure).toMatchObject({ code: "upload_incomplete" });
      await service.client.act(id, "undo");
      await scene.waitForState(id, "undone");
      await expectAllGood(scene.pool);
    },
  );

  test("before it could be planned leaves nothing", async () => {
    const before = await storedNames();
    const upload = new SlowUpload(service.url, "/v1/import/nothing", bytes.length);
    await upload.send(bytes.subarray(0, 1_000_000));
    await until("the file arrives", async () => (await storedNames()).length > before.length);

    upload.cut();

    await until("the file is gone", async () => (await storedNames()).length === before.length);
    await until("nobody receives it", async () => {
      const { rowCount } = await scene.pool.query(
        "select from sluice.file where receiver is not null",
      );
      return rowCount === 0;
    });
  });
});

describe("an import that cannot begin early", () => {
  test.each([
    ["is packed", "packed", gzipSync(bytes), ""],
    ["is asked to wait for its upload", "asked", bytes, "?waitForUpload=true"],
  ])("because it %s begins at the end", async (_case, table, body, query) => {
    const answer = await importBody(table, body, query);

    expect(answer).toMatchObject({ status: 201, body: { progress: { recordsRead: 0 } } });
    await scene.expectImported(String(answer.body["id"]), table, flights.sums);
  });

  test("because the file is smaller than the sample is an import as any other", async () => {
    const small = flightsFile(1);

    const answer = await importBody("small", small.bytes);

    await scene.expectImported(String(answer.body["id"]), "small", small.sums);
  });

  test("because there is only a header makes an empty table", async () => {
    const answer = await importBody("header_only", Buffer.from("id,name\n"));

    expect(answer.status).toBe(201);
    const end = await waitForEnd(service.client, String(answer.body["id"]));
    expect(end).toMatchObject({ state: "succeeded", progress: { recordsRead: 0 } });
  });

  test("because there is nothing is refused", async () => {
    const answer = await importBody("nothing_at_all", Buffer.from(""));

    expect(answer).toMatchObject({ status: 422, body: { code: "empty_file" } });
  });
});

test("an import whose target cannot be is refused while the file arrives, and keeps nothing of it", async () => {
  const before = await storedNames();
  await scene.pool.query("create table taken (id integer)");
  const upload = new SlowUpload(service.url, "/v1/import/taken", bytes.length);
  await upload.send(bytes.subarray(0, BEGINNING));

  const answer = await upload.answer;

  expect(answer).toMatchObject({ status: 409, body: { code: "table_exists" } });
  expect(await storedNames()).toEqual(before);
  upload.cut();
});

test("a column that the end of the file shows to be text is text, as in an import of the whole file", async () => {
  const numbers = Array.from({ length: 100_000 }, (_, id) => line(id, String(id)));
  const words = Array.from({ length: 20_000 }, (_, id) => line(id, `A${id}`));
  const body = Buffer.from(`id,code,note\n${numbers.join("")}${words.join("")}`);
  const upload = new SlowUpload(service.url, "/v1/import/replanned", body.length);
  await upload.send(body.subarray(0, BEGINNING));
  const { id } = await waitForJobOf(service.client, "replanned");
  await until(
    "rows are read",
    async () => (await service.client.getJob(id)).progress.recordsRead > 0,
  );
  await upload.send(body.subarray(BEGINNING));

  await upload.end();

  const end = await waitForEnd(service.client, id);
  expect(end).toMatchObject({
    state: "succeeded",
    progress: { recordsWritten: 120_000, recordsRejected: 0 },
  });
  const { rows } = await scene.pool.query(
    "select count(*)::int as count, pg_typeof(min(code))::text as type from replanned",
  );
  expect(rows).toEqual([{ count: 120_000, type: "text" }]);
  const { items } = await service.client.getTimeline(id);
  expect(items.map(({ type }) => type)).toContain("job.replanned");
  await expectAllGood(scene.pool);
});

test("the rows are those of an import in two steps", async () => {
  const { upload, id } = await begin("one_step");
  await upload.send(bytes.subarray(BEGINNING));
  await upload.end();
  const two = await startImport(service.client, bytes, { table: "two_steps" });

  await waitForEnd(service.client, id);
  await waitForEnd(service.client, two.id);

  expect(await sumsOf(scene.pool, "one_step")).toEqual(await sumsOf(scene.pool, "two_steps"));
  const types = (table: string) =>
    scene.pool.query(
      "select column_name, data_type from information_schema.columns where table_name = $1 order by 1",
      [table],
    );
  expect((await types("one_step")).rows).toEqual((await types("two_steps")).rows);
});
