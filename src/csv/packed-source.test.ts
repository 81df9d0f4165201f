import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decideReading, type ReadingOptions } from "../core/reading-options.ts";
import { findPacking, openSource, sizeOfSource } from "./packed-source.ts";
import { readFully, type StoredSource } from "./stored-source.ts";

function storedOf(bytes: Uint8Array, pieceBytes = 1e9): StoredSource {
  return {
    bytes: bytes.length,
    open: ({ start, end }) => {
      let position = start;
      return Promise.resolve({
        read: (into) => {
          const until = Math.min(end, position + Math.min(into.length, pieceBytes));
          const piece = bytes.subarray(position, until);
          into.set(piece);
          position += piece.length;
          return Promise.resolve(piece.length);
        },
        close: () => Promise.resolve(),
      });
    },
  };
}

interface Packed {
  readonly name: string;
  readonly data: string;
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  readonly isZip64?: boolean;
}

/** A zip archive, with a comment at its end. */
function zip(files: readonly Packed[], comment = "a comment PK"): Buffer {
  const parts: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const { name, data, method = 8, flags = 0, crc, isZip64 = false } of files) {
    const content = Buffer.from(data);
    const packed = method === 8 ? deflateRawSync(content) : content;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(crc ?? crc32(content), 10);
    fields.writeUInt32LE(isZip64 ? 0xffffffff : packed.length, 14);
    fields.writeUInt32LE(isZip64 ? 0xffffffff : content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const extra = Buffer.alloc(isZip64 ? 34 : 6);
    extra.writeUInt16LE(0x5455, 0);
    extra.writeUInt16LE(2, 2);
    if (isZip64) {
      extra.writeUInt16LE(1, 6);
      extra.writeUInt16LE(24, 8);
      extra.writeBigUInt64LE(BigInt(content.length), 10);
      extra.writeBigUInt64LE(BigInt(packed.length), 18);
      extra.writeBigUInt64LE(BigInt(offset), 26);
    }
    fields.writeUInt16LE(extra.length, 24);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(isZip64 ? 0xffffffff : offset, 10);
    const head = Buffer.from("PK\x03\x04", "latin1");
    const local = Buffer.concat([head, fields, Buffer.from(name), extra, packed]);
    const sign = Buffer.from("PK\x01\x02\x14\x00", "latin1");
    entries.push(Buffer.concat([sign, fields, tail, Buffer.from(name), extra]));
    parts.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(entries);
  return Buffer.concat([...parts, directory, endOf(files, directory.length, offset, comment)]);
}

function endOf(files: readonly Packed[], length: number, offset: number, comment: string): Buffer {
  const isZip64 = files.some((file) => file.isZip64 === true);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(isZip64 ? 0xffff : files.length, 10);
  end.writeUInt32LE(isZip64 ? 0xffffffff : length, 12);
  end.writeUInt32LE(isZip64 ? 0xffffffff : offset, 16);
  end.writeUInt16LE(comment.length, 20);
  const plain = Buffer.concat([end, Buffer.from(comment)]);
  if (!isZip64) return plain;
  const end64 = Buffer.alloc(56);
  end64.write("PK\x06\x06", "latin1");
  end64.writeBigUInt64LE(BigInt(files.length), 32);
  end64.writeBigUInt64LE(BigInt(length), 40);
  end64.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.write("PK\x06\x07", "latin1");
  locator.writeBigUInt64LE(BigInt(offset + length), 8);
  return Buffer.concat([end64, locator, plain]);
}

async function read(
  bytes: Uint8Array,
  options: {
    readonly start?: number;
    readonly pieceBytes?: number;
    readonly reading?: ReadingOptions;
  } = {},
): Promise<string> {
  const stored = storedOf(bytes, options.pieceBytes);
  const limits = decideReading(options.reading ?? {});
  const how = { packing: await findPacking(stored), limits };
  const source = await openSource(stored, how, { start: options.start ?? 0 });
  try {
    const into = new Uint8Array(2_000_000);
    const text = Buffer.from(into.subarray(0, await readFully(source, into))).toString();
    expect(await sizeOfSource(stored, how)).toBe(text.length + (options.start ?? 0));
    return text;
  } finally {
    await source.close();
  }
}

const CSV = { name: "people.csv", data: "a,b\n1,2\n" };
const LONG = "0123456789\n".repeat(100_000);

describe("a file that is not packed", () => {
  it("is read as it is, from any place", async () => {
    expect(await read(Buffer.from("a,b\n"), { start: 2 })).toBe("b\n");
  });
});

describe("gzip", () => {
  it("is inflated, whatever the number of its members, from any place", async () => {
    const members = Buffer.concat([gzipSync("a,b\n"), gzipSync(""), gzipSync("1,2\n")]);

    for (const pieceBytes of [1, 7, 1e9]) {
      expect(await read(members, { pieceBytes })).toBe("a,b\n1,2\n");
      expect(await read(members, { pieceBytes, start: 5 })).toBe(",2\n");
    }
    expect(await read(gzipSync(LONG), { start: 700_000 })).toBe(LONG.slice(700_000));
  });

  it.each([
    ["cut", gzipSync(LONG).subarray(0, 2000)],
    ["cut in its second member", Buffer.concat([gzipSync("a"), gzipSync(LONG).subarray(0, 9)])],
    ["damaged", Buffer.concat([gzipSync(LONG).subarray(0, -8), Buffer.alloc(8, 1)])],
    ["followed by other bytes", Buffer.concat([gzipSync("a\n"), Buffer.from("b\n")])],
  ])("fails when it is %s", async (_, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: "inflate_failed" });
    await expect(read(bytes, { start: 1e9 })).rejects.toMatchObject({ code: "inflate_failed" });
  });

  it.each<[string, ReadingOptions]>([
    ["much", { maxInflatedBytes: 1_000_000 }],
    ["dense", { maxInflateRatio: 20 }],
  ])("is stopped when it is too %s", async (_, reading) => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024));

    await expect(read(bomb, { reading, start: 1e9 })).rejects.toMatchObject({
      code: "inflate_limit",
    });
  });

  it("tells what reading the file threw", async () => {
    const stored: StoredSource = {
      bytes: 100,
      open: ({ start }) =>
        Promise.resolve({
          read: (into) => {
            if (start === 0 && into.length > 512) return Promise.reject(new Error("the disk"));
            into.set(gzipSync("a"));
            return Promise.resolve(20);
          },
          close: () => Promise.resolve(),
        }),
    };
    const how = { packing: { kind: "gzip", storedBytes: 100 } as const, limits: decideReading({}) };

    await expect(openSource(stored, how, { start: 10 })).rejects.toThrow("the disk");
  });
});

describe("zip", () => {
  it.each<[string, readonly Packed[]]>([
    ["a deflated file", [CSV]],
    ["a stored file", [{ ...CSV, method: 0 }]],
    [
      "a file beside folders and what macOS adds",
      [{ name: "d/", data: "" }, CSV, { name: "__MACOSX/._p", data: "x" }],
    ],
    ["a file of zip64", [{ ...CSV, isZip64: true }]],
  ])("gives %s", async (_, files) => {
    for (const pieceBytes of [3, 1e9]) {
      expect(await read(zip(files), { pieceBytes })).toBe(CSV.data);
      expect(await read(zip(files), { pieceBytes, start: 4 })).toBe("1,2\n");
    }
  });

  it.each<[string, readonly Packed[], string]>([
    ["no file", [], "0 files"],
    ["two files", [CSV, { ...CSV, name: "b.csv" }], "2 files"],
    ["an encrypted file", [{ ...CSV, flags: 1 }], "encrypted"],
    ["another method", [{ ...CSV, method: 12 }], "method 12"],
    ["a workbook", [{ name: "xl/workbook.xml", data: "" }], "Excel workbook"],
    ["a document", [{ name: "[Content_Types].xml", data: "" }], "Office document"],
    ["an open document", [{ name: "mimetype", data: "" }], "OpenDocument"],
  ])("is refused with %s", async (_, files, text) => {
    await expect(read(zip(files))).rejects.toMatchObject({
      code: "unsupported_format",
      message: expect.stringContaining(text),
    });
  });

  it("is refused when it is cut", async () => {
    await expect(read(zip([CSV]).subarray(0, -1))).rejects.toMatchObject({
      code: "unsupported_format",
    });
  });

  it("is refused with more files than anybody lists", async () => {
    const files = Array.from({ length: 12_000 }, (_, at) => ({
      name: `${at}`.repeat(12),
      data: "",
    }));

    await expect(read(zip(files))).rejects.toMatchObject({ code: "unsupported_format" });
  });

  const good = zip([CSV], "");
  const directoryAt = good.indexOf("PK\x01\x02", 0, "latin1");
  const changed = (at: number, ...bytes: number[]): Buffer => {
    const copy = Buffer.from(good);
    copy.set(bytes, at);
    return copy;
  };
  it.each([
    ["with a strange directory", changed(directoryAt, 0)],
    ["with an entry past its directory", changed(directoryAt + 30, 0xff)],
    ["with a strange header", changed(directoryAt + 42, 1)],
    ["with data past its end", changed(directoryAt + 20, 0xff, 0xff)],
    ["with another checksum", zip([{ ...CSV, crc: 7 }])],
    ["with another size", changed(directoryAt + 24, 7)],
    ["with damaged data", changed(50, 0xff, 0xff, 0xff)],
    [
      "of zip64 with a strange end",
      zip([{ ...CSV, isZip64: true }]).fill(0, directoryAt + 60, directoryAt + 90),
    ],
  ])("fails %s", async (_, bytes) => {
    await expect(
      read(Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), bytes.subarray(4)])),
    ).rejects.toMatchObject({
      code: "inflate_failed",
    });
  });
});
