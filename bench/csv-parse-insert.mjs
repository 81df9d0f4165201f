// `node csv-parse-insert.mjs URL TABLE FILE`: how imports are usually written in Node: csv-parse, and one INSERT of
// 1,000 rows at a time, in one transaction.
import { createReadStream } from "node:fs";
import { parse } from "csv-parse";
import pg from "pg";

const ROWS = 1000;

const [url, table, file] = process.argv.slice(2);
const client = new pg.Client(url);
await client.connect();

async function insert(rows) {
  const width = rows[0].length;
  const tuples = rows.map((row, index) => {
    const places = row.map((_, column) => `$${index * width + column + 1}`);
    return `(${places.join(",")})`;
  });
  const values = rows.flat().map((value) => (value === "" ? null : value));
  await client.query(`insert into ${table} values ${tuples.join(",")}`, values);
}

await client.query("begin");
let rows = [];
for await (const row of createReadStream(file).pipe(parse({ from_line: 2 }))) {
  rows.push(row);
  if (rows.length < ROWS) continue;
  await insert(rows);
  rows = [];
}
if (rows.length > 0) await insert(rows);
await client.query("commit");
await client.end();
