import fc from "fast-check";
import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import { makeTranscoder } from "./make-transcoder.ts";
import { INVALID, type Transcoder } from "./transcoder.ts";

const ENCODINGS = [
  "windows-1250",
  "windows-1251",
  "windows-1252",
  "iso-8859-1",
  "iso-8859-15",
  "koi8-r",
  "cp437",
  "cp932",
  "cp949",
  "shift_jis",
  "euc-jp",
  "gb18030",
  "big5",
  "euc-kr",
  "utf-16le",
  "utf-16be",
];

function transcoderOf(encoding: string, replacesNul = false): Transcoder {
  const transcoder = makeTranscoder({ encoding, replacesNul });
  if (transcoder === null) throw new Error("another encoding than UTF-8");
  return transcoder;
}

/** The text of the bytes, given `step` more at a time; invalid bytes show as `\xFF`. */
function decode(transcoder: Transcoder, bytes: Uint8Array, step = 1e9): string {
  const text = new Uint8Array(bytes.length * transcoder.growth + 4);
  let start = 0;
  let at = 0;
  for (let end = Math.min(step, bytes.length); ; end = Math.min(end + step, bytes.length)) {
    const isFinal = end === bytes.length;
    const into = { bytes: text, start: at, end: text.length };
    const { read, written } = transcoder.transcode({ bytes, start, end }, into, isFinal);
    start += read;
    at += written;
    if (isFinal) break;
  }
  expect(start).toBe(bytes.length);
  const pieces: string[] = [];
  let from = 0;
  for (let index = 0; index <= at; index++) {
    if (index < at && text[index] !== INVALID) continue;
    pieces.push(Buffer.from(text.subarray(from, index)).toString());
    from = index + 1;
  }
  return pieces.join("\\xFF");
}

const hex = (text: string): Uint8Array => Buffer.from(text, "hex");

describe("a transcoder", () => {
  it("is not needed for UTF-8", () => {
    expect(makeTranscoder({ encoding: "utf-8", replacesNul: false })).toBeNull();
  });

  it.each(ENCODINGS)("reads what iconv-lite writes in %s, cut anywhere", (encoding) => {
    const transcoder = transcoderOf(encoding);
    const letters = [
      "a",
      ",",
      '"',
      "\n",
      "\\",
      "é",
      "Ж",
      "日",
      "本",
      "ア",
      "ｱ",
      "한",
      "€",
      "ß",
      "😀",
      "丂",
    ];
    const known = letters.filter((each) => {
      const bytes = iconv.encode(each, encoding);
      return iconv.decode(bytes, encoding, { stripBOM: false }) === each;
    });
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...known), { maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        (list, step) => {
          const text = list.join("");
          const bytes = iconv.encode(text, encoding, { addBOM: false });
          expect(decode(transcoder, bytes, step)).toBe(text);
        },
      ),
    );
  });

  it.each(ENCODINGS)(
    "reads random bytes of %s the same however they are cut, and counts them",
    (encoding) => {
      const transcoder = transcoderOf(encoding);
      fc.assert(
        fc.property(
          fc.uint8Array({ maxLength: 60 }),
          fc.integer({ min: 1, max: 5 }),
          (bytes, step) => {
            expect(decode(transcoder, bytes, step)).toBe(decode(transcoder, bytes));
            const whole = { bytes, start: 0, end: bytes.length };
            const room = new Uint8Array(bytes.length * transcoder.growth);
            const done = transcoder.transcode(
              whole,
              { bytes: room, start: 0, end: room.length },
              true,
            );
            const counted = { bytes: new Uint8Array(0), start: 0, end: done.written };
            expect(transcoder.transcode(whole, counted, true)).toEqual(done);
          },
        ),
      );
    },
  );

  it.each([
    ["windows-1252", "8061818d8f909d", "€a\\xFF\\xFF\\xFF\\xFF\\xFF"],
    ["iso-8859-1", "80819fe9", "\u0080\u0081\u009fé"],
    ["koi8-r", "c1c2", "аб"],
    ["shift_jis", "835c815f5c7c", "ソ＼\\|"],
    ["shift_jis", "81220a", '\\xFF"\n'],
    ["shift_jis", "83", "\\xFF"],
    ["euc-jp", "8fb0a18eb1a4a2", "丂ｱあ"],
    ["euc-jp", "8fb02c", "\\xFF\\xFF,"],
    ["euc-jp", "8f", "\\xFF"],
    ["gb18030", "8431a437", "\uFFFD"],
    ["gb18030", "81308130d6d09439fc36", "\u0080中😀"],
    ["gb18030", "8130812c", "\\xFF0\\xFF,"],
    ["gb18030", "813081", "\\xFF0\\xFF"],
    ["gb18030", "ff", "\\xFF"],
    ["big5", "8862a440", "\u00ca\u0304一"],
    ["utf-16le", "fdff61003dd8", "\uFFFDa\\xFF"],
    ["utf-16le", "3dd800de00dc6100", "😀\\xFFa"],
    ["utf-16le", "3dd83dd800de", "\\xFF😀"],
    ["utf-16be", "feff006100", "\uFEFFa\\xFF"],
    ["utf-16be", "00e965e5", "é日"],
  ])("of %s reads %s as %j", (encoding, bytes, text) => {
    for (const step of [1, 2, 3, 100])
      expect(decode(transcoderOf(encoding), hex(bytes), step)).toBe(text);
  });

  it("forgets characters that were met long ago", () => {
    const transcoder = transcoderOf("gb18030");
    const bytes = Buffer.concat(
      Array.from({ length: 10_100 }, (_, index) =>
        Buffer.from([
          0x90 + Math.floor(index / 1260 / 10),
          0x30 + (Math.floor(index / 1260) % 10),
          0x81 + (Math.floor(index / 10) % 126),
          0x30 + (index % 10),
        ]),
      ),
    );

    expect(Array.from(decode(transcoder, bytes)).length).toBe(10_100);
  });

  it.each([
    ["utf-8", "61006 2ff".replace(" ", ""), "a\uFFFDb\\xFF"],
    ["windows-1252", "6100e9", "a\uFFFDé"],
    ["utf-16le", "61000000", "a\uFFFD"],
  ])("of %s replaces NUL when it is asked to", (encoding, bytes, text) => {
    expect(decode(transcoderOf(encoding, true), hex(bytes))).toBe(text);
  });
});
