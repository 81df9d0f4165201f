import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// Where a caller wants the results as JSON too.
const results = process.env["TEST_RESULTS_FILE"];

export default defineConfig({
  resolve: {
    // Tests of what authors import see the source, not the last build.
    alias: [
      { find: /^sluice$/, replacement: `${import.meta.dirname}/src/index.ts` },
      { find: /^sluice\/testing$/, replacement: `${import.meta.dirname}/src/testing/index.ts` },
    ],
  },
  test: {
    include: ["src/**/*.test.ts", "dashboard/src/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    reporters: results === undefined ? ["default"] : ["default", ["json", { outputFile: results }]],
    // On a loaded machine a test of real processes and signals may meet a moment that it is not about. The report names
    // each test that needed the second run.
    retry: process.env["CI"] === undefined ? 0 : 1,
    // Most tests wait for other processes: two of them leave two cores idle for a third of the time.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
