import { describe, expect, it } from "vitest";
import type { ByteSource } from "../core/ports.ts";
import { decideReading } from "../core/reading-options.ts";
import { withRoom } from "./bytes.ts";
import { makeTranscoder } from "./make-transcoder.ts";
import { makeWindow, READ_BYTES, type TextWindow } from "./source-window.ts";

const MIB = 1024 * 1024;

function sourceOf(bytes: Uint8Array): ByteSource {
  let position = 0;
  return {
    read: (into) => {
      const piece = bytes.subarray(position, position + into.length);
      into.set(piece);
      position += piece.length;
      return Promise.resolve(piece.length);
    },
    close: () => Promise.resolve(),
  };
}

const textOf = ({ bytes, length }: TextWindow): string =>
  Buffer.from(bytes.subarray(0, length)).toString();

const transcoded = (): TextWindow =>
  makeWindow(makeTranscoder({ encoding: "windows-1252", replacesNul: false }));

describe("a window of UTF-8", () => {
  it("is the source itself", async () => {
    const window = makeWindow(null);
    window.begin(100);

    expect(await window.fill(sourceOf(Buffer.from("abé")), 3)).toBe(3);
    expect([window.offsetOf(2), window.sourceByteAt(1), window.endOffset]).toEqual([
      102, 0x62, 103,
    ]);
    expect(window.indexOf(102)).toBe(2);
  });

  it("goes on from a place of another, and lets go of what a long record took", async () => {
    const first = makeWindow(null);
    first.begin(0);
    await first.fill(sourceOf(new Uint8Array(20 * MIB).fill(0x61)), 20 * MIB);
    const second = makeWindow(null);
    second.continueFrom(first, 20 * MIB - 2);
    first.continueFrom(second, 1);

    expect([textOf(first), first.offsetOf(0)]).toEqual(["a", 20 * MIB - 1]);
    expect(first.bytes.length).toBeLessThan(8 * MIB);
  });
});

describe("a window of another encoding", () => {
  const source = Buffer.from("a\x80b\x81c", "latin1");

  it("holds the text, and knows the byte of the source behind each place, in any order", async () => {
    const window = transcoded();
    window.begin(10);
    await window.fill(sourceOf(source), 5);

    expect(window.length).toBe(7);
    expect([4, 5, 1, 6, 0].map((index) => window.offsetOf(index))).toEqual([12, 13, 11, 14, 10]);
    expect([1, 5].map((index) => window.sourceByteAt(index))).toEqual([0x80, 0x81]);
    expect(window.endOffset).toBe(15);
    expect([12, 15, 11, 13].map((offset) => window.indexOf(offset))).toEqual([4, 7, 1, 5]);
  });

  it("goes on from a place of another of its kind alone", async () => {
    const first = transcoded();
    first.begin(0);
    await first.fill(sourceOf(source), 5);
    const second = transcoded();
    second.continueFrom(first, 4);

    expect([second.length, second.offsetOf(1), second.bytes[0]]).toEqual([3, 3, 0x62]);
    expect(() => second.continueFrom(makeWindow(null), 0)).toThrow(TypeError);
  });

  it("ends a character that the source cuts as invalid", async () => {
    const window = makeWindow(makeTranscoder({ encoding: "utf-16le", replacesNul: false }));
    const cut = sourceOf(Buffer.from("610062", "hex"));
    window.begin(0);

    expect([await window.fill(cut, 10), window.length]).toEqual([3, 1]);
    expect([await window.fill(cut, 10), window.length]).toEqual([0, 2]);
    expect([window.offsetOf(1), window.offsetOf(2)]).toEqual([2, 3]);
  });
});

it("stretches past a usual chunk by one copy, and for the longest record by another", () => {
  const usual = withRoom(new Uint8Array(READ_BYTES), READ_BYTES + 1);
  const stretched = withRoom(usual, usual.length + 1);

  expect(usual.length).toBeGreaterThan(6 * READ_BYTES);
  expect(stretched.length).toBeGreaterThan(decideReading({}).maxRecordBytes + READ_BYTES);
});

function endlessSource(): ByteSource {
  return { read: (into) => Promise.resolve(into.length), close: () => Promise.resolve() };
}

/** The arrays of two windows in turns, each over `length` bytes that begin where the other one's end. */
async function arraysOf(length: number): Promise<Uint8Array[]> {
  const endless = endlessSource();
  const windows = [makeWindow(null), makeWindow(null)] as const;
  const arrays: Uint8Array[] = [];
  for (let chunk = 0; chunk < 4; chunk++) {
    const [next, previous] = chunk % 2 === 0 ? windows : [windows[1], windows[0]];
    next.continueFrom(previous, previous.length);
    await next.fill(endless, length - READ_BYTES);
    await next.fill(endless, READ_BYTES);
    arrays.push(next.bytes);
  }
  return arrays;
}

describe("a window of chunk after chunk", () => {
  it("is written into the same memory again", async () => {
    const [first, second, third, fourth] = await arraysOf(5 * READ_BYTES);

    expect([third === first, fourth === second]).toEqual([true, true]);
  });

  it("lets memory go that a long record has stretched", async () => {
    const [first, , third] = await arraysOf(20 * READ_BYTES);

    expect(third === first).toBe(false);
  });
});
