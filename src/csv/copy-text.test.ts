import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PlannedColumn } from "../core/import-plan.ts";
import { CopyTextEncoder } from "./copy-text.ts";
import { OutputBuffer } from "./output-buffer.ts";
import { RecordScanner } from "./record-scanner.ts";
import { readCatalogType } from "./sql-type.ts";

const DIALECT = { delimiter: 0x2c, quote: 0x22, escape: 0x22 };

function columnsOf(sqlTypes: readonly string[], isRequired = false): PlannedColumn[] {
  return sqlTypes.map((sqlType, field) => {
    const name = `c${field}`;
    const { type } = readCatalogType(sqlType);
    return { field, header: name, column: name, type, sqlType, isRequired, reason: "test" };
  });
}

/** Encodes each record as the next number, and says what came out and what went wrong. */
function encodeAll(columns: readonly PlannedColumn[], records: readonly string[], first = 1) {
  const encoder = new CopyTextEncoder(columns, DIALECT.escape);
  const scanner = new RecordScanner({
    dialect: DIALECT,
    maxFieldBytes: 1e9,
    maxRecordBytes: 1e9,
    maxFields: 10,
  });
  const out = new OutputBuffer();
  const problems = records.flatMap((record, index) => {
    const bytes = new TextEncoder().encode(record);
    scanner.scan(bytes, 0, bytes.length, true);
    const code = encoder.encode(bytes, scanner.found, first + index, out);
    return code === null ? [] : [[code, columns[encoder.problemColumn]?.column]];
  });
  return { text: new TextDecoder().decode(out.written), problems };
}

/** What COPY makes of one field in text format. */
function decodeCopy(field: string): string | null {
  if (field === "\\N") return null;
  const letters: Record<string, string> = { t: "\t", n: "\n", r: "\r", "\\": "\\" };
  return field.replaceAll(/\\(.)/g, (_, letter: string) => letters[letter] ?? letter);
}

describe("CopyTextEncoder", () => {
  it("writes the record number, then the columns in their order", () => {
    const columns = columnsOf(["text", "integer", "text"]).toReversed();

    expect(encodeAll(columns, ["a,1,b", "c,2,d"], 9).text).toBe("9\tb\t1\ta\n10\td\t2\tc\n");
  });

  it("leaves out fields that no column wants", () => {
    expect(encodeAll(columnsOf(["text", "text", "text"]).slice(1, 2), ["a,b,c"]).text).toBe(
      "1\tb\n",
    );
  });

  it("writes large record numbers exactly", () => {
    expect(encodeAll(columnsOf(["text"]), ["x"], 9_007_199_254_740_991).text).toBe(
      "9007199254740991\tx\n",
    );
  });

  it("escapes what COPY would read as its own", () => {
    expect(encodeAll(columnsOf(["text"]), ['"a\tb\nc\rd\\e"', "\\.", "\\N"]).text).toBe(
      "1\ta\\tb\\nc\\rd\\\\e\n2\t\\\\.\n3\t\\\\N\n",
    );
  });

  it("takes the empty field for null and the quoted one for the empty string where a text is kept", () => {
    const columns = columnsOf(["text", "integer", "character varying(3)", "jsonb"]);

    expect(encodeAll(columns, [",,,", '"","","",""']).text).toBe(
      "1\t\\N\t\\N\t\\N\t\\N\n2\t\t\\N\t\t\\N\n",
    );
  });

  it("takes escaped fields apart before it checks them", () => {
    expect(
      encodeAll(columnsOf(["character varying(3)", "integer"]), [
        '"a""b",1',
        '"a""bc",1',
        'x,"1""2"',
      ]),
    ).toEqual({
      text: '1\ta"b\t1\n',
      problems: [
        ["too_long", "c0"],
        ["invalid_integer", "c1"],
      ],
    });
  });

  it("takes a failed record's bytes away and names the column", () => {
    expect(encodeAll(columnsOf(["text", "integer"]), ["a,1", "b,forty", "c,3"])).toEqual({
      text: "1\ta\t1\n3\tc\t3\n",
      problems: [["invalid_integer", "c1"]],
    });
  });

  it("asks for a value where one is required", () => {
    expect(encodeAll(columnsOf(["text", "integer"], true), ["a,", ",1", '"",1', 'a,""'])).toEqual({
      text: "3\t\t1\n",
      problems: [
        ["required_value_missing", "c1"],
        ["required_value_missing", "c0"],
        ["required_value_missing", "c1"],
      ],
    });
  });

  it("writes any text so that COPY reads the same back", () => {
    const value = fc.string({
      unit: fc.constantFrom("a", "\\", "\t", "\n", "\r", '"', ",", "N", ".", "é"),
      minLength: 1,
      maxLength: 2000,
    });
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 2 }), (values) => {
        const record = values.map((each) => `"${each.replaceAll('"', '""')}"`).join(",");
        const { text } = encodeAll(columnsOf(["text", "text"]), [record]);

        expect(text.endsWith("\n")).toBe(true);
        expect(text.slice(0, -1).split("\t").slice(1).map(decodeCopy)).toEqual(values);
        expect(text.slice(0, -1)).not.toMatch(/[\n\r]/);
      }),
    );
  });
});
