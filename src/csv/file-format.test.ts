import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { refuseOtherFormats } from "./file-format.ts";

function bytesOf(latin1: string): Uint8Array {
  return new Uint8Array(Buffer.from(latin1, "latin1"));
}

describe("refuseOtherFormats", () => {
  it.each([
    ["\x89PNG\r\n\x1a\n\0\0", "a PNG image"],
    ["\xff\xd8\xff\xe0", "a JPEG image"],
    ["GIF89a\x01", "a GIF image"],
    ["II*\0\x08", "a TIFF image"],
    ["RIFF\x10\0\0\0WEBPVP8 ", "a WebP image"],
    ["%PDF-1.7\n", "a PDF document"],
    ["\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (xls)"],
    ["PK\x03\x04\x14\0[Content_Types].xml", "an Office document (xlsx or similar)"],
    ["PK\x03\x04\x14\0xl/workbook.xml", "an Excel workbook (xlsx)"],
    ["PK\x03\x04mimetypeapplication/vnd.oasis.opendocument", "an OpenDocument file"],
    ["PK\x03\x04\x14\0people.csv", "a zip archive"],
    ["PK\x05\x06", "a zip archive"],
    ["\x28\xb5\x2f\xfd\x04", "a zstd archive"],
    ["BZh91AY&SY", "a bzip2 archive"],
    ["\xfd7zXZ\0", "an xz archive"],
    ["7z\xbc\xaf\x27\x1c", "a 7z archive"],
    ["Rar!\x1a\x07\0", "a RAR archive"],
    ["SQLite format 3\0", "an SQLite database"],
    ["PAR1\x15\x04", "a Parquet file"],
    ["\r\n <!DOCTYPE html><p>", "an HTML page"],
    ["\xef\xbb\xbf<html lang='en'>", "an HTML page"],
  ])("refuses %j by name", (head, name) => {
    expect(() => refuseOtherFormats(bytesOf(head))).toThrow(
      expect.objectContaining({
        code: "unsupported_format",
        message: expect.stringContaining(`This is ${name}.`),
      }),
    );
  });

  it("refuses gzip and says what to do", () => {
    expect(() => refuseOtherFormats(gzipSync("a,b\n"))).toThrow(
      "This is a gzip archive. Unpack it and send the CSV inside.",
    );
  });

  it.each([
    "",
    "a,b\n",
    "PAR1,PAR2\n",
    "PAR1\n",
    "GIF,PNG\n",
    "BZh,x",
    "PK,name\n",
    "<b>,x\n",
    "\xef\xbb\xbfa",
  ])("lets %j pass", (head) => {
    expect(() => refuseOtherFormats(bytesOf(head))).not.toThrow();
  });
});
