// Prints `N passed, N failed` from the JSON reports of test runs: `count-tests.mjs STATUS FILE…`. A status other than 0
// without a failed test (a step before the tests broke, a file did not load) counts as one failure.
import { existsSync, readFileSync } from "node:fs";

const [status, ...files] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
for (const file of files) {
  if (!existsSync(file)) continue;
  const report = JSON.parse(readFileSync(file, "utf8"));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
}
if (status !== "0" && failed === 0) failed = 1;
process.stdout.write(
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`,
);
