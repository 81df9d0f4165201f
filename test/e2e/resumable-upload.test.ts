/** Resumable uploads as a client of the protocol sends them, over a service that dies and a disk that fills. */
import { execFileSync } from "node:child_process";
import { createHash, randomInt } from "node:crypto";
import { mkdir, readFile, readdir } from "node:fs/promises";
import { request } from "node:http";
import { Upload } from "tus-js-client";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { FileView } from "../../src/client/index.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import { isLinux, isRoot } from "../support/server-home.ts";
import type { ServiceProcess } from "../support/service.ts";
import { until } from "../support/until.ts";

const TUS = { "Tus-Resumable": "1.0.0" };
const { bytes } = flightsFile(15);
const SHA256 = createHash("sha256").update(bytes).digest("hex");

let scene: FaultScene;
beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

/** Sends a file with the client of the protocol's authors, and returns its address when it is whole. */
function sendAll(
  url: string,
  options: {
    readonly uploadUrl?: string;
    readonly chunkSize?: number;
    readonly onSent?: (sent: number) => void;
  } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(bytes, {
      endpoint: `${url}/v1/uploads`,
      metadata: { filename: "flights.csv" },
      retryDelays: [50, 100, 200, 400, 800, 1600, 3200],
      ...(options.uploadUrl === undefined ? {} : { uploadUrl: options.uploadUrl }),
      ...(options.chunkSize === undefined ? {} : { chunkSize: options.chunkSize }),
      onProgress: (sent) => options.onSent?.(sent),
      onError: reject,
      onSuccess: () => resolve(upload.url ?? ""),
    });
    upload.start();
  });
}

async function fileAt(service: ServiceProcess, address: string): Promise<FileView> {
  return service.client.getFile(address.split("/").at(-1) ?? "");
}

/** Begins an upload without a byte, and returns its address. */
async function begin(url: string): Promise<string> {
  const { headers } = await fetch(`${url}/v1/uploads`, {
    method: "POST",
    headers: { ...TUS, "Upload-Length": String(bytes.length) },
  });
  return `${url}${headers.get("location") ?? ""}`;
}

async function offsetOf(address: string): Promise<number> {
  const { headers } = await fetch(address, { method: "HEAD", headers: TUS });
  return Number(headers.get("upload-offset"));
}

/** Opens a piece over a connection of its own. */
function openPiece(address: string, offset: number) {
  const piece = request(address, {
    method: "PATCH",
    headers: {
      ...TUS,
      "content-type": "application/offset+octet-stream",
      "upload-offset": String(offset),
    },
  });
  // Its service is killed, or it goes away itself.
  piece.on("error", () => undefined);
  return piece;
}

async function durableBytes(): Promise<number> {
  const { rows } = await scene.pool.query<{ bytes: number }>("select bytes from sluice.upload");
  return rows[0]?.bytes ?? 0;
}

const restart = (service: ServiceProcess): Promise<ServiceProcess> =>
  scene.start({ environment: { SLUICE_PORT: new URL(service.url).port } });

test.each([undefined, 4_000_000])(
  "a client of the protocol sends a file, in pieces of %s",
  async (chunkSize) => {
    const service = await scene.start();

    const address = await sendAll(service.url, chunkSize === undefined ? {} : { chunkSize });

    expect(await fileAt(service, address)).toMatchObject({
      name: "flights.csv",
      bytes: bytes.length,
      sha256: SHA256,
    });
  },
);

test("a service that is killed at any byte costs a client nothing but time", async () => {
  let service = await scene.start();
  const killAt = randomInt(1, bytes.length);
  const kills: Promise<void>[] = [];
  const kill = async (): Promise<void> => {
    const victim = service;
    await victim.end("SIGKILL");
    service = await restart(victim);
  };

  const address = await sendAll(service.url, {
    onSent: (sent) => {
      if (sent >= killAt && kills.length === 0) kills.push(kill());
    },
  });
  await Promise.all(kills);

  expect(await fileAt(service, address), `killed at byte ${killAt}`).toMatchObject({
    bytes: bytes.length,
    sha256: SHA256,
  });
});

test("what is told after a kill within a piece is there, and the rest is sent from there", async () => {
  const victim = await scene.start();
  const address = await begin(victim.url);
  const sent = randomInt(1_000_000, bytes.length);
  const piece = openPiece(address, 0);
  piece.write(bytes.subarray(0, sent));
  await until("something is durable", async () => (await durableBytes()) > 0);
  await victim.end("SIGKILL");

  const service = await restart(victim);
  const offset = await offsetOf(address);
  const [name = ""] = await readdir(scene.path("service", "files", "uploads"));
  const kept = await readFile(scene.path("service", "files", "uploads", name));
  await sendAll(service.url, { uploadUrl: address });

  expect(offset, `${sent} bytes were sent`).toBeGreaterThan(0);
  expect(offset).toBeLessThanOrEqual(sent);
  expect(kept.subarray(0, offset).equals(bytes.subarray(0, offset))).toBe(true);
  expect(await fileAt(service, address)).toMatchObject({ bytes: bytes.length, sha256: SHA256 });
  expect(await readdir(scene.path("service", "files", "uploads"))).toEqual([]);
});

test("a client that goes away keeps what it has sent", async () => {
  const service = await scene.start();
  const address = await begin(service.url);
  const piece = openPiece(address, 0);
  await new Promise((resolve) => piece.write(bytes.subarray(0, 3_000_000), resolve));
  piece.destroy();

  await until("all of it is durable", async () => (await durableBytes()) === 3_000_000);

  expect(await offsetOf(address)).toBe(3_000_000);
  await sendAll(service.url, { uploadUrl: address });
  expect(await fileAt(service, address)).toMatchObject({ sha256: SHA256 });
});

test("a second request takes over from one whose connection is dead", async () => {
  const service = await scene.start();
  const address = await begin(service.url);
  const silent = openPiece(address, 0);
  await new Promise((resolve) => silent.write(bytes.subarray(0, 2_000_000), resolve));
  await until("it is durable", async () => (await durableBytes()) === 2_000_000);

  await sendAll(service.url, { uploadUrl: address });

  expect(await fileAt(service, address)).toMatchObject({ sha256: SHA256 });
  silent.destroy();
});

test("a service that stops keeps what has come", async () => {
  const service = await scene.start();
  const address = await begin(service.url);
  const piece = openPiece(address, 0);
  await new Promise((resolve) => piece.write(bytes.subarray(0, 2_000_000), resolve));
  await until("it is durable", async () => (await durableBytes()) === 2_000_000);

  // Answered or cut, as it comes: what was acknowledged before is what counts.
  const closed = new Promise<void>((resolve) => piece.once("close", resolve));
  const stopping = service.end("SIGTERM");
  piece.write(bytes.subarray(2_000_000, 3_000_000));
  await closed;
  expect(await stopping).toBe(0);
  const next = await restart(service);
  await sendAll(next.url, { uploadUrl: address });

  expect(await fileAt(next, address)).toMatchObject({ sha256: SHA256 });
});

test.skipIf(!isLinux || !isRoot)(
  "a full disk is said, and the upload goes on when there is space",
  async () => {
    const small = scene.path("small");
    await mkdir(small);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", small]);
    try {
      const service = await scene.start({ environment: { SLUICE_FILES: small } });
      const address = await begin(service.url);
      const answer = await fetch(address, {
        method: "PATCH",
        headers: {
          ...TUS,
          "content-type": "application/offset+octet-stream",
          "upload-offset": "0",
        },
        body: bytes,
      });
      const offset = await offsetOf(address);
      execFileSync("mount", ["-o", "remount,size=200m", small]);
      await sendAll(service.url, { uploadUrl: address });

      expect(answer.status).toBe(507);
      expect(await answer.json()).toMatchObject({ code: "storage_full" });
      expect(offset).toBeLessThan(6_000_000);
      expect(await fileAt(service, address)).toMatchObject({ sha256: SHA256 });
      await service.end("SIGTERM");
    } finally {
      execFileSync("umount", [small]);
    }
  },
);
