/**
 * The reference says what the code says: the generated tables are as the generator would write them, and, looked at
 * without the generator, each page names everything of its kind and nothing else.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createApp } from "../../src/api/create-app.ts";
import type { WebhookStore } from "../../src/core/webhooks.ts";
import type { AccessTokens } from "../../src/core/access-tokens.ts";
import type { JobService } from "../../src/core/job-service.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import type { FlagRules } from "../../src/cli/command.ts";
import { EXIT } from "../../src/cli/exit-codes.ts";
import { GLOBAL_FLAGS } from "../../src/cli/global-flags.ts";
import { PUBLIC_SETTING_KEYS, settingOf } from "../../src/config/settings.ts";
import { ERRORS } from "../../src/core/error-table.ts";
import { ACTION_NAMES, JOB_EDGES, JOB_STATE_NAMES } from "../../src/core/job-state.ts";
import { REJECTION_CODES } from "../../src/core/rejection.ts";
import { ROOT } from "./pages.ts";

function page(name: string): string {
  return readFileSync(join(ROOT, name), "utf8");
}

/** The text between the markers of a block. */
function block(name: string, of: string): string {
  const text = new RegExp(`<!-- generated:${name} -->([^]*?)<!-- /generated -->`).exec(page(of));
  return text?.[1] ?? "";
}

/** The cells of a column of every table in the text, without header and rule, code marks removed. */
function column(text: string, index: number): string[] {
  return [...text.matchAll(/^\| (.*) \|$/gm)]
    .map((match) => match[1]?.split(/ (?<!\\)\| /)[index]?.trim() ?? "")
    .filter((cell) => cell.startsWith("`") || /^\d+$/.test(cell))
    .map((cell) => cell.replaceAll("`", ""));
}

function flagNames(rules: FlagRules): string[] {
  return Object.keys(rules);
}

test("the generated tables are what the code says", () => {
  const script = join(ROOT, "scripts/write-reference.mjs");

  const run = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });

  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
});

const ERROR_PAGE = "docs/reference/errors.md";
const STATE_PAGE = "docs/reference/states.md";
const SETTING_PAGE = "docs/reference/configuration.md";

test.each([
  ["error codes", block("errors", ERROR_PAGE), Object.keys(ERRORS)],
  ["rejection codes", block("rejections", ERROR_PAGE), Object.keys(REJECTION_CODES)],
  ["setting keys", block("settings", SETTING_PAGE), [...PUBLIC_SETTING_KEYS]],
  ["states", block("states", STATE_PAGE), [...JOB_STATE_NAMES]],
  ["actions", block("actions", STATE_PAGE), [...ACTION_NAMES]],
  [
    "exit codes",
    block("exit-codes", "docs/reference/cli.md"),
    Object.values(EXIT).map((code) => String(code)),
  ],
])("all %s are documented, and no others", (_, text, names) => {
  expect(column(text, 0)).toEqual(names);
});

test("every setting is documented with its variable and its flag", () => {
  const text = block("settings", SETTING_PAGE);

  expect(column(text, 1)).toEqual(PUBLIC_SETTING_KEYS.map((key) => settingOf(key).environment));
  expect(column(text, 2)).toEqual(PUBLIC_SETTING_KEYS.map((key) => `--${settingOf(key).flag}`));
});

test("the diagram has every edge, and no other", () => {
  const drawn = block("diagram", STATE_PAGE).matchAll(/^ {2}(\w+) --> (\w+)$/gm);

  expect([...drawn].map(([, from, to]) => `${from} ${to}`)).toEqual(
    JOB_EDGES.flatMap(({ from, to }) => from.map((state) => `${state} ${to}`)),
  );
});

test("every command is documented with every flag, and no other", () => {
  const text = block("commands", "docs/reference/cli.md");
  const sections = text.split(/^### /m).slice(1);

  const documented = sections.map((section) => ({
    command: /^`sluice (\S+?)[ `]/.exec(section)?.[1],
    flags: [...section.matchAll(/^\| .*?`--([a-z-]+)/gm)].map((match) => match[1]),
  }));

  expect(documented).toEqual(
    COMMANDS.map(({ name, flags }) => ({ command: name, flags: flagNames(flags) })),
  );
  const global = block("global-flags", "docs/reference/cli.md");
  expect([...global.matchAll(/`--([a-z-]+)/g)].map((match) => match[1])).toEqual(
    flagNames(GLOBAL_FLAGS),
  );
});

test("every route of /v1 and of health is documented, and no other", async () => {
  const app = createApp({
    service: {} as JobService, // describing the routes calls none
    tokens: {} as AccessTokens,
    webhooks: {} as WebhookStore,
    judgeUrl: () => null,
    access: { kind: "open" },
    info: { version: "" },
    log: () => undefined,
  });
  const document = (await (await app.request("/openapi.json")).json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { tags: string[] }>>>>;
  }; // the app's own document
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, route]) => !route.tags.includes("Flat API"))
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  );

  const documented = column(block("routes", "docs/reference/rest-api.md"), 0);

  expect(documented.toSorted()).toEqual(routes.toSorted());
});

test("every stored event that the tests of the API see is documented", () => {
  const types = column(block("events", "docs/reference/events.md"), 0);
  const resting = JOB_STATE_NAMES.filter((state) => state !== "undoing");

  expect(types.toSorted()).toEqual(
    [
      "created",
      "renamed",
      "replanned",
      "rerun",
      "retried",
      "speed_changed",
      "worker_lost",
      ...resting,
    ]
      .map((name) => `job.${name}`)
      .toSorted(),
  );
});

test("the layers of CONTRIBUTING are those that lint enforces", async () => {
  const path = join(ROOT, "scripts/layers.mjs");
  const { MAY_IMPORT } = (await import(path)) as {
    readonly MAY_IMPORT: Readonly<Record<string, readonly string[]>>;
  }; // the script's own table

  const text = block("layers", "CONTRIBUTING.md");

  expect(column(text, 0)).toEqual(Object.keys(MAY_IMPORT).map((folder) => `src/${folder}`));
  expect(column(text, 2)).toEqual(
    Object.values(MAY_IMPORT)
      .filter((others) => others.length > 0)
      .map((others) => others.join(", ")),
  );
});

test("every dependency has its paragraph or row, with the version that is pinned", () => {
  const manifest = JSON.parse(page("package.json")) as Readonly<
    Record<"dependencies" | "devDependencies", Readonly<Record<string, string>>>
  >; // the package's own manifest
  const runtime = Object.entries(manifest.dependencies).map(([name, at]) => `**${name}** ${at} (`);
  const development = Object.entries(manifest.devDependencies).map(
    ([name, at]) => `\`${name}\` ${at}`,
  );
  const text = page("docs/decisions/dependencies.md");

  expect([...runtime, ...development].filter((entry) => !text.includes(entry))).toEqual([]);
});
