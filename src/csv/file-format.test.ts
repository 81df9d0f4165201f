import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { packingOf, refuseOtherFormats } from "./file-format.ts";

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

  it("refuses what is packed inside of what was unpacked", () => {
    expect(() => refuseOtherFormats(gzipSync("a,b\n"), true)).toThrow(
      expect.objectContaining({ code: "nested_compression" }),
    );
    expect(() => refuseOtherFormats(bytesOf("%PDF-1.7\n"), true)).toThrow(
      expect.objectContaining({ code: "unsupported_format" }),
    );
  });

  it("tells how a file is packed", () => {
    expect(["\x1f\x8b\x08", "PK\x03\x04", "BZh91AY&SY", "a,b"].map(bytesOf).map(packingOf)).toEqual(
      ["gzip", "zip", null, null],
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
