/** Real records for the end-to-end tests, and their sums as another parser reads them. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import type pg from "pg";

const FILE = new URL("../../examples/demo/flights-50k.csv", import.meta.url);

/** What a table must hold. */
export interface Sums {
  readonly count: number;
  /** Sum over the records of the first 60 bits of their MD5. */
  readonly checksum: string;
}

/** A file of real flights, the 50,000 of the demo `times` over, with its sums by csv-parse. */
export function flightsFile(times: number): { readonly bytes: Buffer; readonly sums: Sums } {
  const text = readFileSync(FILE, "utf8");
  const bodyStart = text.indexOf("\n") + 1;
  const bytes = Buffer.from(text.slice(0, bodyStart) + text.slice(bodyStart).repeat(times));
  const records: string[][] = parse(text, { from_line: 2 });
  let sum = 0n;
  for (const record of records) {
    const digest = createHash("md5").update(record.join(",")).digest("hex");
    sum += BigInt(`0x${digest.slice(0, 15)}`);
  }
  return {
    bytes,
    sums: { count: records.length * times, checksum: String(sum * BigInt(times)) },
  };
}

/** The sums of a table with the columns of the flights. */
export async function sumsOf(pool: pg.Pool, table: string): Promise<Sums> {
  const { rows } = await pool.query<{ count: number; checksum: string }>(
    `select count(*)::int as count, coalesce(sum(('x' || substr(md5(
        to_char(date at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || ',' || delay || ',' || distance || ',' || origin
        || ',' || destination), 1, 15))::bit(60)::bigint::numeric), 0)::text as checksum
      from ${table}`,
  );
  return rows[0] ?? { count: -1, checksum: "" };
}
