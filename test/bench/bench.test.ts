/** A run of the benchmark over a few rows: that it works, and nothing of how fast anything is. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("../../bench/run.mjs", import.meta.url));

const CASES = ["new", "new-key", "existing", "export", "others"];

interface Report {
  readonly results: readonly {
    readonly name: string;
    readonly summary: readonly { readonly name: string; readonly ratio: number }[];
  }[];
}

test("the benchmark loads the same rows with every contender and compares their times", async () => {
  const cases = CASES.flatMap((name) => ["--case", name]);

  const { stdout } = await promisify(execFile)(
    process.execPath,
    [PROGRAM, "--rows", "300", "--rounds", "1", "--json", ...cases],
    { env: { ...process.env, DATABASE_URL: inject("serverUrl") } },
  );

  const { results } = JSON.parse(stdout) as Report; // written by bench/run.mjs
  expect(results.map(({ name }) => name)).toEqual(CASES);
  const names = results.flatMap(({ summary }) => summary.map(({ name }) => name));
  expect(names).toEqual(expect.arrayContaining(["Sluice", "Sluice, staged", "Sluice, direct"]));
  expect(names).toContain("csv-parse + INSERT of 1,000 rows");
  for (const { summary } of results) expect(summary[0]?.ratio).toBe(1);
});
