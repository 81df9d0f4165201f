/** Tells by its first bytes what a file is, whatever its name says: packed, or not delimited text at all. */
import { SluiceError } from "../core/errors.ts";
import { byteAt } from "./bytes.ts";

interface Signature {
  readonly bytes: string;
  /** Reads as "This is …." */
  readonly name: string;
}

const GZIP = "a gzip archive";
const ZIP = "a zip archive";
const UNPACK = "Unpack it and send the CSV inside.";
const SAVE_AS_CSV = "Save the sheet as CSV (UTF-8) and send that.";

/** Bytes are written as characters of ISO-8859-1. */
const SIGNATURES: readonly Signature[] = [
  { bytes: "\x89PNG\r\n\x1a\n", name: "a PNG image" },
  { bytes: "\xff\xd8\xff", name: "a JPEG image" },
  { bytes: "GIF87a", name: "a GIF image" },
  { bytes: "GIF89a", name: "a GIF image" },
  { bytes: "II*\0", name: "a TIFF image" },
  { bytes: "MM\0*", name: "a TIFF image" },
  { bytes: "%PDF-", name: "a PDF document" },
  { bytes: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", name: "an old Office file (xls)" },
  { bytes: "SQLite format 3\0", name: "an SQLite database" },
  { bytes: "\x1f\x8b", name: GZIP },
  { bytes: "\x28\xb5\x2f\xfd", name: "a zstd archive" },
  { bytes: "\xfd7zXZ\0", name: "an xz archive" },
  { bytes: "7z\xbc\xaf\x27\x1c", name: "a 7z archive" },
  { bytes: "Rar!\x1a\x07", name: "a RAR archive" },
];

const BZIP2 = /^BZh[1-9]1AY&SY/;
const WEBP = /^RIFF[^]{4}WEBP/;
/** A Parquet file goes on in binary; a CSV whose first header begins with PAR1 goes on in text. */
const PARQUET = /^PAR1[^\t\n\r -\xff]/;
const HTML = /^(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body)[\s>]/i;
const ZIP_STARTS = ["PK\x03\x04", "PK\x05\x06", "PK\x07\x08"];
const HEAD_BYTES = 4096;

/** How a file is packed that begins with these bytes; null when it is not, or not in a way that is read. */
export function packingOf(head: Uint8Array): "gzip" | "zip" | null {
  const format = formatOf(head);
  if (format === GZIP) return "gzip";
  return format === ZIP ? "zip" : null;
}

/**
 * Refuses text that is a known format and not delimited text, naming it. `isInflated` says that it was packed. Errors:
 * `unsupported_format`, `nested_compression`.
 */
export function refuseOtherFormats(sample: Uint8Array, isInflated = false): void {
  const name = formatOf(sample);
  if (name === null) return;
  const isArchive = name.endsWith("archive");
  if (isInflated && isArchive)
    throw new SluiceError(
      "nested_compression",
      `Expected a CSV file inside the compressed file. There is ${name}. ${UNPACK}`,
      { details: { format: name } },
    );
  const isSheet = name.includes("xls");
  const advice = isArchive ? ` ${UNPACK}` : isSheet ? ` ${SAVE_AS_CSV}` : "";
  throw new SluiceError("unsupported_format", `Expected a CSV file. This is ${name}.${advice}`, {
    details: { format: name },
  });
}

function formatOf(sample: Uint8Array): string | null {
  const head = latin1(sample, HEAD_BYTES);
  const found = SIGNATURES.find(({ bytes }) => head.startsWith(bytes));
  if (found !== undefined) return found.name;
  if (ZIP_STARTS.some((bytes) => head.startsWith(bytes))) return ZIP;
  if (WEBP.test(head)) return "a WebP image";
  if (BZIP2.test(head)) return "a bzip2 archive";
  if (PARQUET.test(head)) return "a Parquet file";
  if (HTML.test(head)) return "an HTML page";
  return null;
}

function latin1(bytes: Uint8Array, length: number): string {
  let text = "";
  for (let index = 0; index < Math.min(bytes.length, length); index++)
    text += String.fromCharCode(byteAt(bytes, index));
  return text;
}
