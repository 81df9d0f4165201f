import { createHash } from "node:crypto";
import {
  appendFile,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { beginLocalCopy } from "./local-copy.ts";
import { createLocalFolder } from "./local-folder.ts";

const MIB = 1024 * 1024;
const LIMITS = {
  maxBytes: 10 * MIB,
  sourceError: (error: Error) => new Error("unreadable", { cause: error }),
};

let dir: string;
let folder: string;
let source: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sluice-copy-"));
  folder = join(dir, "files");
  await mkdir(folder);
  source = join(dir, "people.csv");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** Bytes that repeat with a prime period, so that a piece in the wrong place shows. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

describe("a copy", () => {
  test("has the bytes of the file, and says how many and what digest", async () => {
    const bytes = pattern(3 * MIB + 17);
    await writeFile(source, bytes);

    const copy = beginLocalCopy(source, folder, LIMITS);
    const file = await copy.finish(new AbortController().signal);

    expect(await readFile(file.path)).toEqual(Buffer.from(bytes));
    expect(file.bytes).toBe(bytes.length);
    expect(file.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(copy.bytes()).toBe(bytes.length);
  });

  test("is left alone by the sweep of a service that starts meanwhile", async () => {
    await writeFile(source, "id\n1\n");
    const copy = beginLocalCopy(source, folder, LIMITS);
    const { path } = await copy.finish(new AbortController().signal);

    const swept = await createLocalFolder(folder, "worker_a").sweep();

    expect(swept).toBe(0);
    expect(await readFile(path, "utf8")).toBe("id\n1\n");
  });

  test("that is discarded leaves nothing, before its end and after", async () => {
    await writeFile(source, pattern(8 * MIB));
    const early = beginLocalCopy(source, folder, LIMITS);
    const late = beginLocalCopy(source, folder, LIMITS);

    await early.discard();
    await late.finish(new AbortController().signal);
    await late.discard();
    await late.discard();

    expect(await readdir(folder)).toEqual([]);
  });

  test("that is interrupted fails with the reason and leaves nothing", async () => {
    await writeFile(source, pattern(8 * MIB));
    const interrupted = new AbortController();
    const copy = beginLocalCopy(source, folder, LIMITS);
    const finished = copy.finish(interrupted.signal);

    interrupted.abort(new Error("enough"));

    await expect(finished).rejects.toThrow("enough");
    await copy.discard();
    expect(await readdir(folder)).toEqual([]);
  });

  test("of a file that is too large is refused and leaves nothing", async () => {
    await writeFile(source, pattern(2 * MIB));

    const copy = beginLocalCopy(source, folder, { ...LIMITS, maxBytes: 2 * MIB - 1 });

    await expect(copy.finish(new AbortController().signal)).rejects.toMatchObject({
      code: "file_too_large",
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([
    ["cut", (path: string) => truncate(path, MIB)],
    ["written on", (path: string) => appendFile(path, "one more\n")],
  ])("of a file that is %s meanwhile is refused and leaves nothing", async (_, change) => {
    await writeFile(source, "id\n");
    await truncate(source, 256 * MIB); // long enough to be met on the way
    const copy = beginLocalCopy(source, folder, { ...LIMITS, maxBytes: 512 * MIB });
    await expect.poll(() => copy.bytes(), { interval: 1 }).toBeGreaterThan(0);
    await change(source);

    await expect(copy.finish(new AbortController().signal)).rejects.toMatchObject({
      code: "source_changed",
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test("of a file that cannot be read fails as the caller says, with the error of the system", async () => {
    const copy = beginLocalCopy(join(dir, "absent.csv"), folder, LIMITS);

    await expect(copy.finish(new AbortController().signal)).rejects.toMatchObject({
      message: "unreadable",
      cause: { code: "ENOENT" },
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test("that cannot be written fails as a disk does", async () => {
    await writeFile(source, "id\n");

    const copy = beginLocalCopy(source, join(dir, "absent"), LIMITS);

    await expect(copy.finish(new AbortController().signal)).rejects.toMatchObject({
      code: "storage_failed",
    });
  });
});
