// The table of layers: what each folder of src/ may import from the others. `.oxlintrc.json` is written from it by
// `node scripts/layers.mjs --write`; the lint step fails when the two differ.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDERS = [
  "core",
  "csv",
  "library",
  "engine",
  "kinds",
  "store",
  "postgres",
  "files",
  "api",
  "webhooks",
  "config",
  "client",
  "cli",
  "testing",
];

/** Folder → folders that it may import. Everything may import node built-ins and its own files. */
export const MAY_IMPORT = {
  core: [],
  csv: ["core"],
  library: [],
  engine: ["core"],
  kinds: ["core", "csv", "library"],
  store: ["core"],
  postgres: ["core"],
  files: ["core"],
  api: ["core"],
  webhooks: ["core"],
  config: ["core"],
  client: ["core", "api"],
  cli: ["core", "csv", "kinds", "config", "client", "api", "postgres", "store", "files"],
  testing: ["core", "library", "engine", "kinds", "store", "postgres", "files"],
};

/** Packages that only some folders may import. */
export const OWNERS = {
  pg: ["store"],
  "pg-boss": ["store"],
  "typeid-js": ["store", "api"],
  hono: ["api"],
  "@hono/node-server": ["api"],
  "@hono/zod-openapi": ["api"],
  "@fastify/busboy": ["api"],
  "@tus/server": ["api"],
  "prom-client": ["api"],
  "iconv-lite": ["csv"],
  jiti: ["kinds"],
  standardwebhooks: ["webhooks"],
};

/** What the dashboard is made of. It knows the API through generated types and imports nothing of src/. */
const DASHBOARD_PACKAGES = ["preact", "@preact/signals"];
const DASHBOARD_PATTERNS = [
  {
    regex: "^(\\.\\./)+(src|dist|test)/",
    message: "The dashboard knows the service by its API alone: see dashboard/src/api/schema.ts.",
  },
  { regex: "^node:", message: "The dashboard runs in a browser." },
];

const RULES = {
  "typescript/no-explicit-any": "error",
  "typescript/no-floating-promises": "error",
  "typescript/no-misused-promises": "error",
  "typescript/await-thenable": "error",
  "typescript/switch-exhaustiveness-check": "error",
  "typescript/only-throw-error": "error",
  "typescript/no-unnecessary-type-assertion": "error",
  "typescript/consistent-type-imports": "error",
  "eslint/no-console": "error",
  "eslint/eqeqeq": ["error", "always", { null: "ignore" }],
  "eslint/max-lines": ["error", { max: 400 }],
  "eslint/max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
  "eslint/max-depth": ["error", 4],
  "import/no-default-export": "error",
  // It has to be done before `pg` is loaded, which only an import can.
  "import/no-unassigned-import": ["error", { allow: ["**/runtime-name.ts"] }],
  // A cast is allowed with a comment that says who guarantees it.
  "typescript/no-unsafe-type-assertion": "off",
  // `pg` is CommonJS: the default import is what Node guarantees.
  "import/no-named-as-default-member": "off",
  // For windows of a browser; the ports here are those of worker threads.
  "unicorn/require-post-message-target-origin": "off",
  // Flags are changed by another function while a loop awaits.
  "eslint/no-unmodified-loop-condition": "off",
};

function restrictionsOf(folder) {
  const closed = FOLDERS.filter((other) => other !== folder && !MAY_IMPORT[folder].includes(other));
  const patterns = [
    ...closed.map((other) => ({
      regex: `^(\\.\\./)+${other}/`,
      message: `${folder} may not import ${other}: see the table of layers in CONTRIBUTING.md.`,
    })),
    {
      // The composition root builds the adapters; commands that need a service load it when they run.
      regex:
        "^(\\.\\./)+(server|worker|build-engine|build-job-service|runner-main|process-main)\\.ts$",
      message: "Only the composition root builds adapters.",
    },
    ...Object.entries(OWNERS)
      .filter(([, owners]) => !owners.includes(folder))
      .map(([name]) => ({
        regex: `^${name}(/|$)`,
        message: `${name} is imported by ${OWNERS[name].join(" and ")} alone.`,
      })),
    ...DASHBOARD_PACKAGES.map((name) => ({
      regex: `^${name}(/|$)`,
      message: `${name} is imported by the dashboard alone.`,
    })),
  ];
  return patterns.filter(({ regex }) => !(folder === "cli" && regex.includes("(server|worker|")));
}

const config = {
  $schema: "./node_modules/oxlint/configuration_schema.json",
  plugins: ["typescript", "import", "unicorn", "promise", "oxc"],
  categories: { correctness: "error", suspicious: "error" },
  ignorePatterns: ["dist", "node_modules", "coverage", "dashboard/src/api/schema.ts"],
  rules: RULES,
  overrides: [
    ...FOLDERS.map((folder) => ({
      files: [`src/${folder}/**/*.ts`],
      rules: { "eslint/no-restricted-imports": ["error", { patterns: restrictionsOf(folder) }] },
    })),
    {
      files: ["dashboard/src/**/*.{ts,tsx}"],
      rules: {
        "eslint/no-restricted-imports": ["error", { patterns: DASHBOARD_PATTERNS }],
        // The runtime of JSX is imported by the compiler.
        "react/react-in-jsx-scope": "off",
      },
    },
    {
      // What a file of the folder of processes exports by default is its process.
      files: ["processes/*.ts", "examples/**/*.ts"],
      rules: { "import/no-default-export": "off" },
    },
    {
      // AssemblyScript: numbers of several sizes, which TypeScript takes for one type.
      files: ["assembly/*.ts"],
      rules: {
        "eslint/no-loss-of-precision": "off",
        "typescript/no-unnecessary-type-assertion": "off",
      },
    },
    {
      files: [
        "**/*.test.ts",
        "test/**/*.ts",
        "vitest.config.ts",
        "dashboard/vite.config.ts",
        "scripts/**",
        "examples/**",
        "bench/**",
      ],
      rules: {
        "eslint/max-lines-per-function": "off",
        "eslint/no-restricted-imports": "off",
        "eslint/no-console": "off",
        "import/no-default-export": "off",
      },
    },
  ],
};

/** Writes `.oxlintrc.json`, or ends with 1 when it is not what the table says. */
function main() {
  const path = fileURLToPath(new URL("../.oxlintrc.json", import.meta.url));
  const text = `${JSON.stringify(config, null, 2)}\n`;
  if (process.argv.includes("--write")) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    process.stderr.write(
      ".oxlintrc.json differs from scripts/layers.mjs: run `node scripts/layers.mjs --write`.\n",
    );
    process.exit(1);
  }
}

// The reference imports the table from here.
if (process.argv[1] === fileURLToPath(import.meta.url)) main();
