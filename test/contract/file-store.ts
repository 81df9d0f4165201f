/** What every file store promises, as tests. An adapter is done when it passes. */
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ByteSource, FileStore } from "../../src/core/ports.ts";

/** A file store under test, and what the tests need to look behind it. */
export interface FileStoreFixture {
  readonly store: FileStore;
  /** Names of everything that the store holds, temporary things included. */
  readonly listNames: () => Promise<readonly string[]>;
  /** Makes a file that can be adopted; returns its path. */
  readonly place: (bytes: Uint8Array) => Promise<string>;
  dispose(): Promise<void>;
}

const FILE = "file_01m84qvm34fc7rq4ee6xdwhyxw";
const OTHER_FILE = "file_01m84qvm34fc7rq4ee6xdwhyxx";
const NO_LIMIT = { maxBytes: Number.MAX_SAFE_INTEGER };
const MIB = 1024 * 1024;

/** Bytes that repeat with a prime period, so that a piece in the wrong place shows. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The same bytes, each piece in one buffer that is overwritten for the next. */
async function* reusedPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    buffer.set(piece);
    yield buffer.subarray(0, piece.length);
  }
}

async function readAll(
  store: FileStore,
  range: { start: number; end: number },
  bufferSize = 64 * 1024,
): Promise<Uint8Array> {
  const source = await store.open(FILE, range);
  const read: Uint8Array[] = [];
  const into = new Uint8Array(bufferSize);
  for (let count = await source.read(into); count > 0; count = await source.read(into))
    read.push(into.slice(0, count));
  await source.close();
  return Buffer.concat(read);
}

/** Runs the suite against the stores that `create` makes, a fresh one for each test. */
export function describeFileStore(name: string, create: () => Promise<FileStoreFixture>): void {
  describe(name, () => {
    let fixture: FileStoreFixture;
    let store: FileStore;
    beforeEach(async () => {
      fixture = await create();
      store = fixture.store;
    });
    afterEach(() => fixture.dispose());

    describeWriting(() => fixture);
    describeArriving(() => fixture);

    test("a range is read from its start to before its end, whatever the size of the buffer", async () => {
      const bytes = pattern(100_000);
      await store.put(FILE, pieces(bytes, 9973), NO_LIMIT);

      const whole = await readAll(store, { start: 0, end: bytes.length }, 777);
      const middle = await readAll(store, { start: 1234, end: 56_789 });
      const none = await readAll(store, { start: 500, end: 500 });

      expect(Buffer.compare(whole, bytes)).toBe(0);
      expect(Buffer.compare(middle, bytes.subarray(1234, 56_789))).toBe(0);
      expect(none.length).toBe(0);
    });

    test("a range that goes past the end of the file ends with the file", async () => {
      await store.put(FILE, pieces(pattern(10), 10), NO_LIMIT);

      const read = await readAll(store, { start: 4, end: MIB });

      expect([...read]).toEqual([4, 5, 6, 7, 8, 9]);
    });

    test("two readers of one file do not move each other", async () => {
      await store.put(FILE, pieces(pattern(100), 100), NO_LIMIT);
      const first = await store.open(FILE, { start: 0, end: 100 });
      const second = await store.open(FILE, { start: 0, end: 100 });
      const into = new Uint8Array(10);

      await first.read(into);
      await second.read(into);

      expect(into[0]).toBe(0);
      await first.close();
      await second.close();
    });

    test("a source can be closed twice", async () => {
      await store.put(FILE, pieces(pattern(10), 10), NO_LIMIT);
      const source = await store.open(FILE, { start: 0, end: 10 });

      await source.close();

      await expect(source.close()).resolves.toBeUndefined();
    });

    test("a file that is adopted is one of the store, and has lost its name", async () => {
      const path = await fixture.place(pattern(1000));

      await store.adopt(FILE, path);

      expect(Buffer.compare(await readAll(store, { start: 0, end: MIB }), pattern(1000))).toBe(0);
      await expect(store.stat(FILE)).resolves.toMatchObject({ bytes: 1000 });
      expect(await fixture.listNames()).toHaveLength(1);
    });

    test("a file that is not there cannot be adopted, and nothing is left", async () => {
      const path = await fixture.place(pattern(10));
      await store.adopt(OTHER_FILE, path);

      await expect(store.adopt(FILE, path)).rejects.toMatchObject({ code: "storage_failed" });

      await expect(store.stat(FILE)).resolves.toBeNull();
    });

    test("a file that does not exist has no size, cannot be opened, and can be removed", async () => {
      await expect(store.stat(FILE)).resolves.toBeNull();
      await expect(store.open(FILE, { start: 0, end: 1 })).rejects.toMatchObject({
        code: "source_changed",
      });
      await expect(store.remove(FILE)).resolves.toBeUndefined();
    });

    test("a removed file is gone, and no other", async () => {
      await store.put(FILE, pieces(pattern(10), 10), NO_LIMIT);
      await store.put(OTHER_FILE, pieces(pattern(20), 10), NO_LIMIT);

      await store.remove(FILE);

      expect(await store.stat(FILE)).toBeNull();
      expect(await store.stat(OTHER_FILE)).toMatchObject({ bytes: 20 });
    });

    test.each(["../escape", "file_../../../../../../../etc", "/etc/passwd", "", `${FILE}.part`])(
      "the id %j leads nowhere",
      async (id) => {
        await expect(store.put(id, pieces(pattern(1), 1), NO_LIMIT)).rejects.toMatchObject({
          code: "internal",
        });
        await expect(store.open(id, { start: 0, end: 1 })).rejects.toMatchObject({
          code: "source_changed",
        });
        await expect(store.stat(id)).resolves.toBeNull();
        await expect(store.remove(id)).resolves.toBeUndefined();
        expect(await fixture.listNames()).toEqual([]);
      },
    );
  });
}

/** Waits with the next piece until the test says so. */
class Valve {
  #open: () => void = () => undefined;
  #wait = new Promise<void>((resolve) => (this.#open = resolve));

  open(): void {
    this.#open();
  }

  async *between(first: Uint8Array, second: Uint8Array): AsyncGenerator<Uint8Array> {
    yield first;
    await this.#wait;
    yield second;
  }
}

function describeArriving(current: () => FileStoreFixture): void {
  test("a file that arrives can be read as far as it was noted, while its sender is silent", async () => {
    const { store } = current();
    const bytes = pattern(300_000);
    const valve = new Valve();
    const source = valve.between(bytes.subarray(0, 1000), bytes.subarray(1000));
    const during: unknown[] = [];
    const note = async (durable: number) => {
      if (durable === 0 || during.length > 0) return;
      const read = await readAll(store, { start: 0, end: durable });
      during.push(await store.stat(FILE), Buffer.compare(read, bytes.subarray(0, 1000)));
      valve.open();
    };

    const stored = await store.put(FILE, source, {
      ...NO_LIMIT,
      arrival: { firstNoteBytes: Number.POSITIVE_INFINITY, noteMs: 5, idleMs: 5, note },
    });

    expect(during).toEqual([null, 0]);
    expect(stored.bytes).toBe(bytes.length);
    expect(Buffer.compare(await readAll(store, { start: 0, end: bytes.length }), bytes)).toBe(0);
    expect(await current().listNames()).toEqual([FILE]);
  });

  test("a reader that opened a file while it arrived reads on when it is whole", async () => {
    const { store } = current();
    const bytes = pattern(5000);
    const valve = new Valve();
    const opened: ByteSource[] = [];
    const note = async (durable: number) => {
      if (durable > 0 && opened.length === 0)
        opened.push(await store.open(FILE, { start: 10, end: durable }));
      valve.open();
    };
    await store.put(FILE, valve.between(bytes.subarray(0, 2000), bytes.subarray(2000)), {
      ...NO_LIMIT,
      arrival: { firstNoteBytes: Number.POSITIVE_INFINITY, noteMs: 1, idleMs: 1, note },
    });
    const into = new Uint8Array(100);

    const count = await opened[0]?.read(into);

    expect(count).toBe(100);
    expect(Buffer.compare(into, bytes.subarray(10, 110))).toBe(0);
    await opened[0]?.close();
  });

  test("what a note throws ends the writing although the sender is silent, and nothing is left", async () => {
    const { store, listNames } = current();
    const valve = new Valve();
    const stopped = new Error("stopped");
    const note = () => Promise.reject(stopped);

    const put = store.put(FILE, valve.between(pattern(10), pattern(10)), {
      ...NO_LIMIT,
      arrival: { firstNoteBytes: Number.POSITIVE_INFINITY, noteMs: 5, idleMs: 5, note },
    });

    await expect(put).rejects.toBe(stopped);
    expect(await listNames()).toEqual([]);
    valve.open();
  });

  test("a file that arrives is noted again although nothing comes", async () => {
    const { store } = current();
    const valve = new Valve();
    const noted: number[] = [];
    const note = (durable: number) => {
      noted.push(durable);
      if (noted.length === 4) valve.open();
      return Promise.resolve();
    };

    await store.put(FILE, valve.between(pattern(10), pattern(10)), {
      ...NO_LIMIT,
      arrival: { firstNoteBytes: Number.POSITIVE_INFINITY, noteMs: 1, idleMs: 2, note },
    });

    expect(noted.slice(0, 4)).toEqual([10, 10, 10, 10]);
  });

  test("a file that is removed while it arrives is not there when it has", async () => {
    const { store, listNames } = current();
    const valve = new Valve();
    const note = async () => {
      await store.remove(FILE);
      valve.open();
    };

    const put = store.put(FILE, valve.between(pattern(10), pattern(10)), {
      ...NO_LIMIT,
      arrival: { firstNoteBytes: Number.POSITIVE_INFINITY, noteMs: 1, idleMs: 1, note },
    });

    await expect(put).rejects.toMatchObject({ code: "storage_failed" });
    expect(await listNames()).toEqual([]);
  });
}

function describeWriting(current: () => FileStoreFixture): void {
  test.each([
    ["nothing", 0, 1],
    ["one byte", 1, 1],
    ["many small pieces", 300_000, 97],
    ["pieces of the size of a network buffer", 3 * MIB + 1, 65_536],
    ["pieces of 4 MiB", 9 * MIB + 5, 4 * MIB],
  ])("stores %s and tells size and digest", async (_case, length, size) => {
    const { store } = current();
    const bytes = pattern(length);

    const stored = await store.put(FILE, pieces(bytes, size), NO_LIMIT);

    expect(stored).toEqual({
      bytes: length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
    expect(await store.stat(FILE)).toMatchObject({ bytes: length });
    expect(await store.stat(FILE)).toEqual(await store.stat(FILE));
    expect(Buffer.compare(await readAll(store, { start: 0, end: length }), bytes)).toBe(0);
    expect(await current().listNames()).toEqual([FILE]);
  });

  test("a sender may reuse its buffer", async () => {
    const { store } = current();
    const bytes = pattern(200_000);

    await store.put(FILE, reusedPieces(bytes, 1000), NO_LIMIT);

    expect(Buffer.compare(await readAll(store, { start: 0, end: bytes.length }), bytes)).toBe(0);
  });

  test("a file of exactly the limit is stored", async () => {
    const { store } = current();

    const stored = await store.put(FILE, pieces(pattern(1000), 100), { maxBytes: 1000 });

    expect(stored.bytes).toBe(1000);
  });

  test("a file over the limit is refused as soon as the limit is passed, and leaves nothing", async () => {
    const { store, listNames } = current();
    let sent = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        sent += 100;
        yield pattern(100);
      }
    }

    const put = store.put(FILE, endless(), { maxBytes: 1000 });

    await expect(put).rejects.toMatchObject({ code: "file_too_large" });
    expect(sent).toBe(1100);
    expect(await listNames()).toEqual([]);
  });

  test("what the source throws comes back unchanged, and nothing is left", async () => {
    const { store, listNames } = current();
    const cut = new Error("the connection was cut");
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield pattern(3 * MIB);
      throw cut;
    }

    await expect(store.put(FILE, broken(), NO_LIMIT)).rejects.toBe(cut);

    expect(await store.stat(FILE)).toBeNull();
    expect(await listNames()).toEqual([]);
  });

  test("a file does not exist before its last byte is stored", async () => {
    const { store } = current();
    let during: unknown = "not asked";
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield pattern(2 * MIB);
      during = await store.stat(FILE);
      yield pattern(10);
    }

    await store.put(FILE, slow(), NO_LIMIT);

    expect(during).toBeNull();
    expect(await store.stat(FILE)).toMatchObject({ bytes: 2 * MIB + 10 });
  });
}
