// Imports a real file end to end and shows the receipt: `npm run demo`. The commands are those that anybody would
// type; each is printed before it runs. Everything happens in a temporary folder, which is removed at the end.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const program = join(root, "dist", "cli", "main.js");
const file = relative(process.cwd(), join(here, "flights-50k.csv"));
const query =
  "select origin, count(*) as flights, round(avg(delay), 1) as mean_delay " +
  "from flights group by origin order by flights desc limit 5";

/** Runs one command with this terminal and returns its exit code. A signal counts as 128 and its number. */
function run(dir, args) {
  console.log(
    `\n$ sluice ${args.map((arg) => (/[^\w./-]/.test(arg) ? `"${arg}"` : arg)).join(" ")}`,
  );
  const environment = { ...process.env, SLUICE_DIR: dir };
  // The demo has a database of its own, whatever the environment names.
  for (const name of ["DATABASE_URL", "SLUICE_URL", "SLUICE_FILES"]) delete environment[name];
  const child = spawn(process.execPath, [program, ...args], {
    stdio: "inherit",
    env: environment,
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

if (!existsSync(program)) {
  console.error("Expected the built program in dist/. Run `npm run build` first.");
  process.exit(1);
}

const dir = await mkdtemp(join(tmpdir(), "sluice-demo-"));
// The command in front gets the same signal from the terminal and ends by itself; the folder is removed after it.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
let code = 1;
try {
  code = await run(dir, ["import", file, "--table", "flights", "--yes"]);
  if (code === 0) code = await run(dir, ["sql", query]);
} finally {
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
console.log(code === 0 ? "\nThat was all of it. The demo's folder is removed." : "");
process.exitCode = code;
