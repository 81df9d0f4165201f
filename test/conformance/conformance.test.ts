/** `sluice cat` over the CSV cases: those of the project always, all others where SLUICE_CASES_DIR names their folder. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const casesDir = process.env["SLUICE_CASES_DIR"];

interface Result {
  readonly id: string;
  readonly isRight: boolean;
}

async function results(env: NodeJS.ProcessEnv): Promise<readonly Result[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["scripts/conformance.mjs", "--check"],
    { env, maxBuffer: 64 * 1024 * 1024 },
  );
  return JSON.parse(stdout) as readonly Result[]; // written by the script
}

const wrongOf = (all: readonly Result[]) => all.filter(({ isRight }) => !isRight);

test("every case of the project's suites is read as it must be", async () => {
  const { SLUICE_CASES_DIR: _, ...env } = process.env;
  const all = await results(env);

  expect(wrongOf(all)).toEqual([]);
  expect(all.length).toBe(467);
});

test.skipIf(casesDir === undefined)(
  "every case of SLUICE_CASES_DIR is read as it must be (skipped when it is not set)",
  async () => {
    const all = await results(process.env);

    expect(all.length).toBeGreaterThan(0);
    expect(wrongOf(all)).toEqual([]);
  },
);
