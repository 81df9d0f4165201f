import { defineConfig } from "vitest/config";

// Where a caller wants the results as JSON too.
const results = process.env["TEST_RESULTS_FILE"];

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    reporters: results === undefined ? ["default"] : ["default", ["json", { outputFile: results }]],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
