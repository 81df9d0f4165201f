/** A file in which some records do not fit, and calls that ask for the records of a job. */
import { expect } from "vitest";
import { recordListSchema } from "../../src/api/schemas/record.ts";
import type { ApiFixture } from "./api-fixture.ts";

/** Quotes, line ends of two kinds, a blank line, a line end inside quotes and none at the end. */
const HEADER = "id,age\r\n";
export const RECORDS = [
  "1,forty\r\n",
  "2,7\n",
  '3,"a ""b"",\nc"\r\n',
  "4,8\r\n",
  '"5",9\n',
  "6,x y\n",
  "7,10",
];
/** The file: a blank line is behind the third record. */
export const CSV = `${HEADER}${RECORDS.slice(0, 3).join("")}\r\n${RECORDS.slice(3).join("")}`;
/** Where `age` is no integer. */
export const REJECTED = [0, 2, 5];
/** The header and some of the records. */
export const textOf = (indexes: readonly number[]): string =>
  HEADER + indexes.map((index) => RECORDS[index]).join("");

/** Asks for records as CSV or as a page. */
export function recordCalls(fixture: () => ApiFixture) {
  async function csvOf(id: string, outcome: string, query = ""): Promise<string> {
    const path = `/v1/jobs/${id}/records?outcome=${outcome}&format=csv${query}`;
    const response = await fixture().app.request(path);
    expect(response.status).toBe(200);
    return response.text();
  }
  return {
    csvOf,
    outcomesOf: async (id: string): Promise<Record<string, string>> => ({
      written: await csvOf(id, "written"),
      rejected: await csvOf(id, "rejected"),
      unprocessed: await csvOf(id, "unprocessed"),
    }),
    pageOf: async (id: string, query: string) =>
      recordListSchema.parse((await fixture().call(`/v1/jobs/${id}/records?${query}`)).body),
  };
}
