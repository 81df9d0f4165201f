import { mkdtemp, readdir, rename, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
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
    place: async (bytes) => {
      const path = join(dir, "placed");
      await writeFile(path, bytes);
      return path;
    },
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

  test("sweeps away what a killed upload of its own left, and nothing else", async () => {
    const store = createLocalFolder(dir, "worker_a");
    await store.put(FILE, text("id\n1\n"), NO_LIMIT);
    await writeFile(join(dir, `${FILE}.worker_a.0123456789ab.part`), "half a fi");
    await writeFile(join(dir, "notes.txt"), "not ours");

    const swept = await store.sweep();

    expect(swept).toBe(1);
    expect((await readdir(dir)).toSorted()).toEqual([FILE, "notes.txt"]);
  });

  test("leaves what another owner writes until nobody has written it for a day", async () => {
    const names = ["old", "new"].map((age) => `${FILE}.worker_b.${age}.part`);
    for (const name of names) await writeFile(join(dir, name), "half a fi");
    const longAgo = new Date(Date.now() - 25 * 60 * 60_000);
    await utimes(join(dir, `${FILE}.worker_b.old.part`), longAgo, longAgo);

    const swept = await createLocalFolder(dir, "worker_a").sweep();

    expect(swept).toBe(1);
    expect(await readdir(dir)).toEqual([`${FILE}.worker_b.new.part`]);
  });

  test("renews the time of a file whose sender is silent", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] });
    const store = createLocalFolder(dir, "worker_a");
    let written = -1;
    async function* silent(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("id\n");
      const [name] = await readdir(dir);
      const path = join(dir, String(name));
      await utimes(path, new Date(0), new Date(0));
      vi.advanceTimersByTime(10 * 60_000);
      written = await vi.waitFor(async () => {
        const { mtimeMs } = await stat(path);
        expect(mtimeMs).toBeGreaterThan(0);
        return mtimeMs;
      });
    }

    await store.put(FILE, silent(), NO_LIMIT).finally(() => vi.useRealTimers());

    expect(written).toBeGreaterThan(Date.now() - 60_000);
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
