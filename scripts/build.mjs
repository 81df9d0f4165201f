// Compiles src/ to dist/ and assembly/ to WebAssembly, bundles the program, copies the files that are not TypeScript (migrations and the assets
// of the API page), and builds the dashboard when anything that it is made of has changed. Nothing is removed first, so
// that a running service keeps its files; `npm pack` starts from an empty folder (`--clean`).
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { bundleProgram } from "./bundle.mjs";
import { compileHotPass } from "./hot-pass.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const dist = join(root, "dist");

if (process.argv.includes("--clean")) rmSync(dist, { recursive: true, force: true });

const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
const compiled = spawnSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json")], {
  stdio: "inherit",
});
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

// The hot pass of imports. Compiling it takes seconds, so it is done when its sources have changed.
const sources = [
  ...readdirSync(join(root, "assembly")),
  "../scripts/hot-pass.mjs",
  "../package-lock.json",
];
const hotPass = join(dist, "csv/hot-pass.wasm");
const isCurrent =
  existsSync(hotPass) &&
  sources.every(
    (name) => statSync(join(root, "assembly", name)).mtimeMs < statSync(hotPass).mtimeMs,
  );
if (!isCurrent && !compileHotPass(root, hotPass)) process.exit(1);

// A service reads whatever is in the folder: what was renamed must not stay.
rmSync(join(dist, "store/migrations"), { recursive: true, force: true });
cpSync(join(root, "src/store/migrations"), join(dist, "store/migrations"), { recursive: true });

// Swagger UI (Apache-2.0) is copied into the package, so that /docs works offline and users install nothing for it.
const swagger = dirname(require.resolve("swagger-ui-dist/package.json"));
const assets = join(dist, "api/assets");
mkdirSync(assets, { recursive: true });
for (const name of ["swagger-ui-bundle.js", "swagger-ui.css", "LICENSE", "NOTICE"])
  copyFileSync(join(swagger, name), join(assets, name));

await bundleProgram(root);
chmodSync(join(dist, "sluice.js"), 0o755);

await buildDashboard();

/** Vite takes seconds, and most builds change nothing of the dashboard: its inputs are remembered by their hash. */
async function buildDashboard() {
  const folder = join(root, "dashboard");
  const outDir = join(dist, "dashboard");
  const stamp = join(dist, "dashboard.sha256");
  const inputs = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  const hash = createHash("sha256");
  for (const file of [...inputs, join(root, "package-lock.json")])
    hash.update(`${file}\n`).update(readFileSync(file));
  const digest = hash.digest("hex");
  const isFresh =
    existsSync(join(outDir, "index.html")) &&
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === digest;
  if (isFresh) return;
  const { build } = await import("vite");
  await build({ root: folder, configFile: join(folder, "vite.config.ts"), logLevel: "warn" });
  writeFileSync(stamp, digest);
}
