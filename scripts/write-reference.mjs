// Writes the tables of the reference between their markers: `<!-- generated:NAME -->` … `<!-- /generated -->`. They are
// made from the tables in the compiled code, so `npm run docs` builds first. With --check nothing is written, and the
// exit code is 1 when a page is not what it would be. A test does that.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import * as api from "./reference/api-tables.mjs";
import * as tables from "./reference/tables.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Page → the blocks that it must hold. A page with another block, or without one of these, is an error. */
const PAGES = {
  "ARCHITECTURE.md": ["layers"],
  "CONTRIBUTING.md": ["layers"],
  "docs/reference/errors.md": ["errors", "rejections"],
  "docs/reference/configuration.md": ["settings"],
  "docs/reference/states.md": ["states", "diagram", "edges", "actions"],
  "docs/reference/cli.md": ["commands", "global-flags", "exit-codes"],
  "docs/reference/events.md": ["events", "stream"],
  "docs/reference/flat-api.md": ["flat"],
  "docs/reference/metrics.md": ["metrics"],
  "docs/reference/rest-api.md": ["routes", "create-import", "create-export", "create-process"],
};

const BLOCK = /<!-- generated:([a-z-]+) -->[^]*?<!-- \/generated -->/g;

/** A module of the compiled code. */
const load = (path) => import(new URL(`../dist/${path}.js`, import.meta.url));

/** The document that the service itself answers at /openapi.json. */
async function openApiDocument() {
  const { createApp } = await load("api/create-app");
  const app = createApp({
    service: {}, // describing the routes calls none
    tokens: {},
    webhooks: {},
    judgeUrl: () => null,
    access: { kind: "open" },
    info: { version: "" },
    log: () => undefined,
  });
  return (await app.request("/openapi.json")).json();
}

async function makeBlocks() {
  const [errors, rejection, settings, state, commands, globals, exit, flat, metrics, scopes] =
    await Promise.all(
      [
        "core/error-table",
        "core/rejection",
        "config/settings",
        "core/job-state",
        "cli/commands",
        "cli/global-flags",
        "cli/exit-codes",
        "api/flat/flat-texts",
        "api/metrics/metric-table",
        "api/route-scopes",
      ].map(load),
    );
  const document = await openApiDocument();
  return {
    layers: tables.layersTable(),
    errors: tables.errorsTable(errors),
    rejections: tables.rejectionsTable(rejection),
    settings: tables.settingsTable(settings),
    states: tables.statesTable(state),
    diagram: tables.statesDiagram(state),
    edges: tables.edgesTable(state),
    actions: tables.actionsTable(state),
    "global-flags": tables.globalFlagsTable(globals),
    commands: tables.commandsText(commands),
    "exit-codes": tables.exitCodesTable(exit, root),
    events: tables.eventsTable(state, root),
    stream: api.streamTable(root),
    flat: api.flatTable(flat),
    metrics: api.metricsTable(metrics),
    routes: api.routesText(document, scopes),
    "create-import": api.fieldsTable(document, "CreateImportRequest"),
    "create-export": api.fieldsTable(document, "CreateExportRequest"),
    "create-process": api.fieldsTable(document, "CreateProcessRequest"),
  };
}

/** The page with its blocks made anew. */
async function renew(path, names, blocks) {
  const before = readFileSync(join(root, path), "utf8");
  const found = [...before.matchAll(BLOCK)].map((match) => match[1]);
  if (found.join() !== names.join())
    throw new Error(
      `${path} must hold the blocks ${names.join(", ")}; it holds ${found.join(", ")}.`,
    );
  const text = before.replaceAll(
    BLOCK,
    (_, name) => `<!-- generated:${name} -->\n\n${blocks[name]}\n\n<!-- /generated -->`,
  );
  return { before, after: await format(text, { parser: "markdown", printWidth: 100 }) };
}

const isCheck = process.argv.includes("--check");
const blocks = await makeBlocks();
for (const [path, names] of Object.entries(PAGES)) {
  const { before, after } = await renew(path, names, blocks);
  if (before === after) continue;
  if (isCheck) {
    process.stderr.write(`${path} is not what the code says: run \`npm run docs\`.\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(join(root, path), after);
    process.stdout.write(`${path}\n`);
  }
}
