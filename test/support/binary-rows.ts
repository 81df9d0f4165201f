import type { ColumnType } from "../../src/core/import-plan.ts";

/** Reads rows in the binary format of COPY, without header and trailer: the bytes of each cell, null for no value. */
export function readBinaryRows(bytes: Uint8Array): (Buffer | null)[][] {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows: (Buffer | null)[][] = [];
  let at = 0;
  while (at < data.length) {
    const row: (Buffer | null)[] = [];
    const count = data.readInt16BE(at);
    at += 2;
    for (let cell = 0; cell < count; cell++) {
      const length = data.readInt32BE(at);
      at += 4;
      row.push(length < 0 ? null : data.subarray(at, at + length));
      at += Math.max(length, 0);
    }
    rows.push(row);
  }
  return rows;
}

/** Rows of a record number and columns of these types, as the text format of COPY shows them. */
export function showRows(
  bytes: Uint8Array = new Uint8Array(0),
  types: readonly ColumnType[] = ["integer", "text"],
): string {
  const shown = readBinaryRows(bytes).map((cells) =>
    cells.map((cell, at) => showCell(cell, at === 0 ? "bigint" : types[at - 1])).join("\t"),
  );
  return shown.map((line) => `${line}\n`).join("");
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
};

function showCell(cell: Buffer | null, type: ColumnType | undefined): string {
  if (cell === null) return "\\N";
  if (type === "integer") return String(cell.readInt32BE());
  if (type === "bigint") return String(cell.readBigInt64BE());
  if (type !== "text") throw new Error(`Expected a type that this shows, got ${type}.`);
  return cell.toString().replaceAll(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? "");
}
