import { mkdtemp, readdir, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeFileStore } from "../../test/contract/file-store.ts";
import { storageError } from "./folder-writing.ts";
import { createLocalFolder } from "./local-folder.ts";

const FILE = "file_01m84qvm34fc7rq4ee6xdwhyxw";
const NO_LIMIT = { maxBytes: Number.MAX_SAFE_INTEGER };

async function* text(...pieces: string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

describeFileStore("a local folder as file store", async () => {
  const dir = await mkdtemp(join(tmpdir(), "sluice-files-"));
  return {
    store: createLocalFolder(dir),
    listNames: () => readdir(dir),
    dispose: () => rm(dir, { recursive: true }),
  };
});

describe("a local folder", () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "sluice-files-"));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  test("has an id that stays, also when it is moved, and that is asked for at once", async () => {
    const folder = join(dir, "a");

    const ids = await Promise.all([
      createLocalFolder(folder).identify(),
      createLocalFolder(folder).identify(),
    ]);
    await rename(folder, join(dir, "b"));

    expect(new Set([...ids, await createLocalFolder(join(dir, "b")).identify()]).size).toBe(1);
    expect(await createLocalFolder(join(dir, "c")).identify()).not.toBe(ids[0]);
    expect(await readdir(join(dir, "b"))).toEqual(["folder-id"]);
  });

  test("is made when the first file comes, for its owner alone", async () => {
    const folder = join(dir, "a", "b");

    await createLocalFolder(folder).put(FILE, text("id\n1\n"), NO_LIMIT);

    expect((await stat(join(folder, FILE))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  test("sweeps away what a killed upload left, and nothing else", async () => {
    const store = createLocalFolder(dir);
    await store.put(FILE, text("id\n1\n"), NO_LIMIT);
    await writeFile(join(dir, `${FILE}.0123456789ab.part`), "half a fi");
    await writeFile(join(dir, "notes.txt"), "not ours");

    const swept = await store.sweep();

    expect(swept).toBe(1);
    expect((await readdir(dir)).toSorted()).toEqual([FILE, "notes.txt"]);
  });

  test("does not sweep an upload that is under way", async () => {
    const store = createLocalFolder(dir);
    let swept = -1;
    async function* sweeping(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("id\n");
      swept = await store.sweep();
      yield Buffer.from("1\n");
    }

    const stored = await store.put(FILE, sweeping(), NO_LIMIT);

    expect(swept).toBe(0);
    expect(stored.bytes).toBe(5);
  });

  test("has nothing to sweep before it exists", async () => {
    await expect(createLocalFolder(join(dir, "none")).sweep()).resolves.toBe(0);
  });

  test("tells a file that was shortened while it is read", async () => {
    const store = createLocalFolder(dir);
    await store.put(FILE, text("0123456789"), NO_LIMIT);
    const source = await store.open(FILE, { start: 0, end: 10 });
    await truncate(join(dir, FILE), 4);
    const into = new Uint8Array(10);

    const first = await source.read(into);

    expect(first).toBe(4);
    await expect(source.read(into)).rejects.toMatchObject({ code: "source_changed" });
    await source.close();
  });

  test("says that a path which is no folder cannot be written", async () => {
    const file = join(dir, "plain");
    await writeFile(file, "");

    const put = createLocalFolder(file).put(FILE, text("id\n"), NO_LIMIT);

    await expect(put).rejects.toMatchObject({ code: "storage_failed" });
  });

  test.each(["ENOSPC", "EDQUOT"])("calls %s a full disk", (code) => {
    const error = storageError(Object.assign(new Error(code), { code }), "/files/x");

    expect(error).toMatchObject({ code: "storage_full" });
    expect(error.message).toContain("/files/x");
  });
});
