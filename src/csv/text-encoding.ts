/**
 * Decides which encoding a file is read in. A byte order mark decides, then what is declared, then UTF-8, strictly.
 * Only UTF-8 is read at present; every other encoding is refused by name, never guessed at.
 */
import { SluiceError } from "../core/errors.ts";
import { byteAt } from "./bytes.ts";
import { findInvalidUtf8, wholeCharactersEnd } from "./utf8.ts";

const UTF8_NAMES = ["utf-8", "utf8"];
const BYTE_ORDER_MARKS: readonly { readonly bytes: readonly number[]; readonly name: string }[] = [
  // UTF-32 comes first: its little-endian mark begins with that of UTF-16.
  { bytes: [0xff, 0xfe, 0, 0], name: "utf-32le" },
  { bytes: [0, 0, 0xfe, 0xff], name: "utf-32be" },
  { bytes: [0xff, 0xfe], name: "utf-16le" },
  { bytes: [0xfe, 0xff], name: "utf-16be" },
  { bytes: [0xef, 0xbb, 0xbf], name: "utf-8" },
];
const PROBE_BYTES = 4096;

/** The first bytes of a file, and whether they are all of it. */
export interface FileSample {
  readonly bytes: Uint8Array;
  readonly isWhole: boolean;
}

/**
 * Checks that the file can be read as UTF-8 and returns the length of its byte order mark, 0 or 3. With `declared` UTF-8
 * wrong bytes are left for the records that hold them. Errors: `empty_file`, `unsupported_encoding`,
 * `encoding_required` with the first wrong byte and a proposal.
 */
export function checkEncoding(sample: FileSample, declared: string | undefined): number {
  const { bytes } = sample;
  const mark = BYTE_ORDER_MARKS.find((each) => each.bytes.every((byte, at) => bytes[at] === byte));
  if (mark !== undefined && mark.name !== "utf-8") throw unsupported(mark.name, "The file begins");
  const markLength = mark?.bytes.length ?? 0;
  if (bytes.length === markLength) throw emptyFile(markLength > 0);
  if (mark !== undefined) return markLength;
  if (declared !== undefined) {
    if (UTF8_NAMES.includes(declared.toLowerCase())) return 0;
    throw unsupported(declared.slice(0, 40), "The request declares");
  }
  refuseUtf16(bytes);
  refuseInvalidUtf8(sample);
  return 0;
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
    `${clause}, which is not read. Save the file as UTF-8.`,
    { details: { encoding: name } },
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
    `Expected UTF-8, but every ${first} byte of two is zero: the file looks like ${proposal}. Save it as UTF-8.`,
    { details: { proposal } },
  );
}

function refuseInvalidUtf8({ bytes, isWhole }: FileSample): void {
  const end = isWhole ? bytes.length : wholeCharactersEnd(bytes, bytes.length);
  const at = findInvalidUtf8(bytes, 0, end);
  if (at < 0) return;
  const byte = byteAt(bytes, at).toString(16).toUpperCase();
  throw new SluiceError(
    "encoding_required",
    `Expected UTF-8, but byte ${byte} at offset ${at} is not: the file looks like windows-1252. ` +
      "Save it as UTF-8, or declare the encoding utf-8 to have such rows rejected.",
    { details: { byte: at, proposal: "windows-1252" } },
  );
}
