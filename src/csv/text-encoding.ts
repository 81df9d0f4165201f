/**
 * Decides which encoding a file is read in. A byte order mark decides, then what is declared, then UTF-8, strictly.
 * Nothing else is ever taken without being declared: other encodings are only proposed.
 */
import { SluiceError } from "../core/errors.ts";
import { byteAt, CR, FORM_FEED, lineBreakAt, LF, SPACE, TAB } from "./bytes.ts";
import { encodingNamed } from "./encoding-name.ts";
import { makeTranscoder } from "./make-transcoder.ts";
import { INVALID } from "./transcoder.ts";
import { findInvalidUtf8, wholeCharactersEnd } from "./utf8.ts";

const BYTE_ORDER_MARKS: readonly { readonly bytes: readonly number[]; readonly name: string }[] = [
  // UTF-32 comes first: its little-endian mark begins with that of UTF-16.
  { bytes: [0xff, 0xfe, 0, 0], name: "utf-32le" },
  { bytes: [0, 0, 0xfe, 0xff], name: "utf-32be" },
  { bytes: [0xff, 0xfe], name: "utf-16le" },
  { bytes: [0xfe, 0xff], name: "utf-16be" },
  { bytes: [0xef, 0xbb, 0xbf], name: "utf-8" },
];
const PROBE_BYTES = 4096;
/** Looked for in this order; the first in which all bytes are characters is proposed. */
const PROPOSALS = ["windows-1252", "shift_jis", "euc-jp", "gb18030", "big5", "euc-kr"];
/** Bytes below a space that text has. The last is Ctrl-Z, with which files of DOS end. */
const TEXT_CONTROLS = [TAB, LF, 0x0b, FORM_FEED, CR, 0x1a];
/** A larger share of other control bytes is no text in any encoding. */
const MAX_CONTROL_SHARE = 0.02;

/** The first bytes of a file, and whether they are all of it. */
export interface FileSample {
  readonly bytes: Uint8Array;
  readonly isWhole: boolean;
}

/** An encoding by its canonical name, and the length of the byte order mark before the text. */
export interface FoundEncoding {
  readonly encoding: string;
  readonly markLength: number;
}

/**
 * Finds the encoding of a file. Where it is declared, or told by a mark, wrong bytes are left for the records that hold
 * them. Errors: `empty_file`, `unsupported_encoding`, `encoding_required` with the first wrong byte and a proposal,
 * `unsupported_format` for bytes that are no text.
 */
export function findEncoding(sample: FileSample, declared: string | undefined): FoundEncoding {
  const { bytes } = sample;
  const mark = BYTE_ORDER_MARKS.find((each) => each.bytes.every((byte, at) => bytes[at] === byte));
  if (mark?.name.startsWith("utf-32") === true) throw unsupported(mark.name, "The file begins");
  const markLength = mark?.bytes.length ?? 0;
  if (bytes.length === markLength) throw emptyFile(markLength > 0);
  if (mark !== undefined) return { encoding: mark.name, markLength };
  if (declared !== undefined) {
    const encoding = encodingNamed(declared);
    if (encoding === null) throw unsupported(declared.slice(0, 40), "The request declares");
    if (encoding.startsWith("iso-8859-")) refuseUtf8(sample, encoding);
    return { encoding, markLength };
  }
  refuseUtf16(bytes);
  refuseInvalidUtf8(sample);
  return { encoding: "utf-8", markLength };
}

function emptyFile(hasMark: boolean): SluiceError {
  const found = hasMark ? "only a byte order mark" : "0 bytes";
  return new SluiceError(
    "empty_file",
    `Expected at least a header line, but the file has ${found}.`,
  );
}

function unsupported(name: string, how: string): SluiceError {
  const clause = how === "The file begins" ? `${how} as ${name} does` : `${how} ${name}`;
  return new SluiceError(
    "unsupported_encoding",
    `${clause}, which is not read. Save the file as UTF-8, or declare one of the encodings that are.`,
    { details: { encoding: name } },
  );
}

/**
 * In ISO-8859 the bytes 80 to 9F are control characters that no text has, and UTF-8 is full of them: a sample that has
 * some and is UTF-8 throughout was declared wrongly, and would be read without one rejection.
 */
function refuseUtf8(sample: FileSample, declared: string): void {
  const { bytes, isWhole } = sample;
  const at = bytes.findIndex((byte) => byte >= 0x80 && byte <= 0x9f);
  if (at < 0) return;
  const end = isWhole ? bytes.length : wholeCharactersEnd(bytes, bytes.length);
  if (findInvalidUtf8(bytes, 0, end) >= 0) return;
  const line = lineOf(bytes, at);
  throw new SluiceError(
    "encoding_required",
    `The request declares ${declared}, but the file is UTF-8: read as declared, byte ${hex(bytes, at)} at offset ${at} (line ${line}) ` +
      "would be a control character. Declare utf-8, or nothing.",
    { details: { byte: at, line, proposal: "utf-8" } },
  );
}

/** UTF-16 of mostly Latin text has a zero in every second byte. */
function refuseUtf16(bytes: Uint8Array): void {
  const length = Math.min(bytes.length, PROBE_BYTES);
  const zeros = [0, 0];
  for (let index = 0; index < length; index++)
    if (byteAt(bytes, index) === 0) zeros[index & 1] = (zeros[index & 1] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const half = length / 2;
  const isLittle = odd > half * 0.4 && even < half * 0.1;
  const isBig = even > half * 0.4 && odd < half * 0.1;
  if (!isLittle && !isBig) return;
  const proposal = isLittle ? "utf-16le" : "utf-16be";
  const first = isLittle ? "second" : "first";
  throw new SluiceError(
    "encoding_required",
    `Expected UTF-8, but every ${first} byte of two is zero: the file looks like ${proposal}. ${declare(proposal)}`,
    { details: { byte: isLittle ? 1 : 0, line: 1, proposal } },
  );
}

function refuseInvalidUtf8(sample: FileSample): void {
  const { bytes, isWhole } = sample;
  const end = isWhole ? bytes.length : wholeCharactersEnd(bytes, bytes.length);
  const at = findInvalidUtf8(bytes, 0, end);
  if (at < 0) return;
  refuseBinary(bytes);
  const proposal = proposalFor(sample);
  const line = lineOf(bytes, at);
  throw new SluiceError(
    "encoding_required",
    `Expected UTF-8, but byte ${hex(bytes, at)} at offset ${at} (line ${line}) is not: the file looks like ${proposal}. ` +
      `${declare(proposal)} Declared as utf-8, only the rows with such bytes are rejected.`,
    { details: { byte: at, line, proposal } },
  );
}

function declare(proposal: string): string {
  return `If it is, declare the encoding ${proposal}; otherwise the one it has, or save it as UTF-8.`;
}

function refuseBinary(bytes: Uint8Array): void {
  const probe = bytes.subarray(0, PROBE_BYTES);
  const controls = probe.filter((byte) => byte < SPACE && !TEXT_CONTROLS.includes(byte)).length;
  if (controls <= probe.length * MAX_CONTROL_SHARE) return;
  throw new SluiceError(
    "unsupported_format",
    "Expected a CSV file. This is not text, and no format that is known.",
    { details: { format: "unknown" } },
  );
}

/** The first encoding in which the whole sample is text; windows-1252 when there is none. */
function proposalFor({ bytes, isWhole }: FileSample): string {
  const fits = (encoding: string): boolean => {
    const transcoder = makeTranscoder({ encoding, replacesNul: false });
    if (transcoder === null) return false;
    const from = { bytes, start: 0, end: Math.min(bytes.length, PROBE_BYTES * 16) };
    const text = new Uint8Array(from.end * transcoder.growth);
    const isFinal = isWhole && from.end === bytes.length;
    const { written } = transcoder.transcode(
      from,
      { bytes: text, start: 0, end: text.length },
      isFinal,
    );
    return !text.subarray(0, written).includes(INVALID);
  };
  return PROPOSALS.find(fits) ?? "windows-1252";
}

function hex(bytes: Uint8Array, at: number): string {
  return byteAt(bytes, at).toString(16).toUpperCase().padStart(2, "0");
}

/** The physical line of the byte at `at`, from 1. */
function lineOf(bytes: Uint8Array, at: number): number {
  let line = 1;
  for (let index = 0; index < at; index++) line += lineBreakAt(bytes, index, bytes.length);
  return line;
}
