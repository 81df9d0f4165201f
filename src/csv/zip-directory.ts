/**
 * Finds the one file of a zip archive. The directory at the end of the archive decides, as the format says; the header
 * in front of the data only tells where the data begins.
 *
 * A library is not used: of the format only three fixed structures are needed, and the known ones want a file handle of
 * the system, where a source here may be a store on another machine.
 */
import { SluiceError } from "../core/errors.ts";
import { readRange, type StoredSource } from "./stored-source.ts";

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const END64_LOCATOR_SIGNATURE = 0x07064b50;
const END64_LOCATOR_BYTES = 20;
const END64_SIGNATURE = 0x06064b50;
const END64_BYTES = 56;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
/** Says that the value is in the extra field of zip64. */
const IN_EXTRA = 0xffffffff;
const EXTRA_ZIP64 = 0x0001;
const FLAG_ENCRYPTED = 0x0001;
const STORED = 0;
const DEFLATED = 8;
/** A directory of one file is short; a longer one is not looked at. */
const MAX_DIRECTORY_BYTES = 1024 * 1024;

/** The file in an archive. */
export interface ZipFile {
  /** Where its data is. */
  readonly start: number;
  readonly end: number;
  readonly isDeflated: boolean;
  readonly crc32: number;
  readonly inflatedBytes: number;
}

interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly inflatedBytes: number;
  readonly headerAt: number;
}

/**
 * Errors: `unsupported_format` for an archive with more or less than one file, an encrypted or otherwise packed one, and
 * for documents that are archives (xlsx), and for one that is cut; `inflate_failed` when its directory cannot be read.
 */
export async function findZipFile(stored: StoredSource): Promise<ZipFile> {
  const entries = await readDirectory(stored);
  refuseDocuments(entries);
  const files = entries.filter(({ name }) => !name.endsWith("/") && !name.startsWith("__MACOSX/"));
  const [file] = files;
  if (file === undefined || files.length > 1)
    throw unsupported(`a zip archive with ${files.length.toLocaleString("en-US")} files`, {
      advice: "Pack exactly one CSV file, or send it unpacked.",
    });
  if ((file.flags & FLAG_ENCRYPTED) !== 0)
    throw unsupported("an encrypted zip archive", { advice: "Send the file without a password." });
  if (file.method !== STORED && file.method !== DEFLATED)
    throw unsupported(`a zip archive packed by method ${file.method}`, {
      advice: "Pack it with deflate, or send it unpacked.",
    });
  const start = await dataStart(stored, file);
  const end = start + file.packedBytes;
  if (end > stored.bytes) throw damaged("the data of its file goes on behind its end");
  const { crc32, inflatedBytes, method } = file;
  return { start, end, isDeflated: method === DEFLATED, crc32, inflatedBytes };
}

async function readDirectory(stored: StoredSource): Promise<readonly Entry[]> {
  const tailStart = Math.max(0, stored.bytes - END_BYTES - MAX_COMMENT_BYTES - END64_LOCATOR_BYTES);
  const tail = viewOf(await readRange(stored, tailStart, stored.bytes - tailStart));
  const at = findEnd(tail);
  if (at < 0)
    throw unsupported("a zip archive without its end", { advice: "Send the whole archive." });
  const directory = await directoryPlace(stored, tail, at);
  if (directory.bytes > MAX_DIRECTORY_BYTES)
    throw unsupported(`a zip archive with ${directory.count.toLocaleString("en-US")} files`, {
      advice: "Pack exactly one CSV file, or send it unpacked.",
    });
  const view = viewOf(await readRange(stored, directory.start, directory.bytes));
  return parseEntries(view, directory.count);
}

/** Position of the end record: the last one whose comment fills the rest exactly. */
function findEnd(tail: DataView): number {
  for (let at = tail.byteLength - END_BYTES; at >= 0; at--) {
    const isEnd = tail.getUint32(at, true) === END_SIGNATURE;
    if (isEnd && at + END_BYTES + tail.getUint16(at + 20, true) === tail.byteLength) return at;
  }
  return -1;
}

async function directoryPlace(
  stored: StoredSource,
  tail: DataView,
  at: number,
): Promise<{ readonly start: number; readonly bytes: number; readonly count: number }> {
  const locatorAt = at - END64_LOCATOR_BYTES;
  const isZip64 = locatorAt >= 0 && tail.getUint32(locatorAt, true) === END64_LOCATOR_SIGNATURE;
  if (!isZip64)
    return {
      count: tail.getUint16(at + 10, true),
      bytes: tail.getUint32(at + 12, true),
      start: tail.getUint32(at + 16, true),
    };
  const end = viewOf(await readRange(stored, numberAt(tail, locatorAt + 8), END64_BYTES));
  if (end.byteLength < END64_BYTES || end.getUint32(0, true) !== END64_SIGNATURE)
    throw damaged("its directory is missing");
  return { count: numberAt(end, 32), bytes: numberAt(end, 40), start: numberAt(end, 48) };
}

function parseEntries(view: DataView, count: number): readonly Entry[] {
  const entries: Entry[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (at + ENTRY_BYTES > view.byteLength || view.getUint32(at, true) !== ENTRY_SIGNATURE)
      throw damaged("its directory cannot be read");
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const next = at + ENTRY_BYTES + nameBytes + extraBytes + view.getUint16(at + 32, true);
    if (next > view.byteLength) throw damaged("its directory cannot be read");
    entries.push(parseEntry(view, at, { nameBytes, extraBytes }));
    at = next;
  }
  return entries;
}

function parseEntry(
  view: DataView,
  at: number,
  { nameBytes, extraBytes }: { readonly nameBytes: number; readonly extraBytes: number },
): Entry {
  const nameAt = at + ENTRY_BYTES;
  const large = zip64Values(view, nameAt + nameBytes, nameAt + nameBytes + extraBytes);
  const sized = (offset: number): number => {
    const value = view.getUint32(at + offset, true);
    return value === IN_EXTRA ? (large.shift() ?? value) : value;
  };
  // The order of the zip64 values: inflated size, packed size, place of the header.
  const inflatedBytes = sized(24);
  const packedBytes = sized(20);
  const headerAt = sized(42);
  return {
    name: Buffer.from(view.buffer, view.byteOffset + nameAt, nameBytes).toString("utf8"),
    flags: view.getUint16(at + 8, true),
    method: view.getUint16(at + 10, true),
    crc32: view.getUint32(at + 16, true),
    inflatedBytes,
    packedBytes,
    headerAt,
  };
}

function zip64Values(view: DataView, from: number, to: number): number[] {
  let at = from;
  while (at + 4 <= to) {
    const size = view.getUint16(at + 2, true);
    const end = Math.min(at + 4 + size, to);
    if (view.getUint16(at, true) === EXTRA_ZIP64) {
      const values: number[] = [];
      for (let value = at + 4; value + 8 <= end; value += 8) values.push(numberAt(view, value));
      return values;
    }
    at = end;
  }
  return [];
}

async function dataStart(stored: StoredSource, { headerAt }: Entry): Promise<number> {
  const header = viewOf(await readRange(stored, headerAt, LOCAL_BYTES));
  if (header.byteLength < LOCAL_BYTES || header.getUint32(0, true) !== LOCAL_SIGNATURE)
    throw damaged("its file cannot be found");
  return headerAt + LOCAL_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
}

function refuseDocuments(entries: readonly Entry[]): void {
  const has = (test: (name: string) => boolean): boolean => entries.some(({ name }) => test(name));
  const name = has((each) => each.startsWith("xl/"))
    ? "an Excel workbook (xlsx)"
    : has((each) => each === "[Content_Types].xml" || each.startsWith("_rels/"))
      ? "an Office document (xlsx or similar)"
      : has((each) => each === "mimetype")
        ? "an OpenDocument file"
        : null;
  if (name !== null)
    throw unsupported(name, { advice: "Save the sheet as CSV (UTF-8) and send that." });
}

function unsupported(name: string, { advice }: { readonly advice: string }): SluiceError {
  return new SluiceError("unsupported_format", `Expected a CSV file. This is ${name}. ${advice}`, {
    details: { format: name },
  });
}

function damaged(what: string): SluiceError {
  return new SluiceError("inflate_failed", `The zip archive is damaged: ${what}.`);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A number of eight bytes. Files are shorter than 2^53. */
function numberAt(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}
