import fc from "fast-check";
import { expect, it } from "vitest";
import { recordTexts } from "./field-text.ts";
import { OutputBuffer } from "./output-buffer.ts";
import { RecordJsonWriter } from "./record-json.ts";
import { RecordScanner } from "./record-scanner.ts";

const DIALECT = { delimiter: 0x2c, quote: 0x22, escape: 0x22 };

function scan(text: string): { bytes: Uint8Array; found: RecordScanner["found"] } {
  const bytes = new TextEncoder().encode(text);
  const scanner = new RecordScanner({
    dialect: DIALECT,
    maxFieldBytes: 1e6,
    maxRecordBytes: 1e6,
    maxFields: 1000,
  });
  scanner.scan(bytes, 0, bytes.length, true);
  return { bytes, found: scanner.found };
}

it("writes what JSON.parse reads back, whatever the fields hold", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 6 }),
      (fields) => {
        const quoted = fields.map(
          (field) => `"${Buffer.from(field).toString().replaceAll('"', '""')}"`,
        );
        const { bytes, found } = scan(quoted.join(","));
        const into = new OutputBuffer();

        new RecordJsonWriter(0x22).write(bytes, found, 0, { into, enough: 1e9 });

        const line = Buffer.from(into.written).toString();
        expect(line.endsWith("]\n")).toBe(true);
        expect(JSON.parse(line)).toEqual(recordTexts(bytes, found, 0x22));
      },
    ),
  );
});

it("stops between fields when there is enough output, and goes on there", () => {
  const long = `""${"x".repeat(3000)}`;
  const { bytes, found } = scan(`a,"${long}",c`);
  const writer = new RecordJsonWriter(0x22);
  const into = new OutputBuffer();

  const next = writer.write(bytes, found, 0, { into, enough: 10 });
  const rest = writer.write(bytes, found, next, { into, enough: 1e9 });

  expect([next, rest]).toEqual([2, 3]);
  expect(JSON.parse(Buffer.from(into.written).toString())).toEqual([
    "a",
    `"${"x".repeat(3000)}`,
    "c",
  ]);
});
