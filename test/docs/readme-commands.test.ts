/**
 * The shell commands of README and guides work: each page is run from its first to its last command. What the suite
 * cannot run is listed with the reason.
 */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { openTestDatabase } from "../support/database.ts";
import { fencedLines } from "./pages.ts";
import { openShellSession, type CommandEnd } from "./shell-session.ts";

/** Commands that are not run, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "npm ci && npm test": "is this suite",
  "npm ci && npm run build && npm link": "changes the machine; the suite runs on the build",
  "docker build -t sluice .": "needs Docker and the network",
  "docker build -t sluice . && docker run -p 5000:5007 -v sluice:/data -e SLUICE_AUTH=none sluice":
    "needs Docker and the network",
  "docker run -p 5000:5007 -v sluice:/data -e SLUICE_AUTH=none sluice": "needs Docker",
  "curl -H 'Authorization: Bearer slu_…' http://localhost:5000/v1/jobs":
    "asks the service in Docker",
};

/** Commands that the suite runs in another form. */
const EXAMPLE_URL = "postgresql://importer:secret@localhost:5432/app";
const DEMO = { from: "npm ci && npm run demo", to: "node examples/demo/run.mjs" }; // installed and built already

/** Commands whose exit code is not 0. */
const EXIT_CODES: Readonly<Record<string, number>> = { "sluice watch last --no-input": 6 };

const PAGES = [
  { page: "README.md", hasOwnDatabase: false, lastJobBefore: [] },
  { page: "docs/guide/getting-started.md", hasOwnDatabase: true, lastJobBefore: [] },
  { page: "docs/guide/pause-and-stop.md", hasOwnDatabase: true, lastJobBefore: ["sluice serve"] },
  {
    page: "docs/guide/import-while-uploading.md",
    hasOwnDatabase: true,
    lastJobBefore: ["sluice serve"],
  },
  { page: "docs/guide/update-a-table.md", hasOwnDatabase: true, lastJobBefore: [] },
  { page: "docs/guide/your-own-postgres.md", hasOwnDatabase: true, lastJobBefore: [] },
  { page: "docs/guide/processes.md", hasOwnDatabase: true, lastJobBefore: [] },
  { page: "examples/welcome/README.md", hasOwnDatabase: true, lastJobBefore: [] },
  { page: "docs/guide/tokens.md", hasOwnDatabase: true, lastJobBefore: [] },
  { page: "docs/guide/ugly-files.md", hasOwnDatabase: true, lastJobBefore: [] },
  {
    page: "docs/guide/export.md",
    hasOwnDatabase: true,
    lastJobBefore: ["sluice serve"],
  },
  {
    page: "docs/guide/when-something-fails.md",
    hasOwnDatabase: true,
    lastJobBefore: [
      "sluice serve",
      "sluice import examples/demo/flights-50k.csv --table flights --yes",
    ],
  },
] as const;

/** So that a file of 200 MB takes long enough to be paused on any machine: pauses inside each chunk's transaction. */
const SLOW_CHUNKS = { SLUICE_FAILPOINT: "chunk_gap:*:sleep=40" };

function commandsOf(page: string): readonly string[] {
  return fencedLines(page, "sh")
    .map((line) => line.replace(/ +# .*$/, ""))
    .filter((line) => line !== "" && !Object.hasOwn(LEFT_OUT, line));
}

const hasShell =
  process.platform !== "win32" && spawnSync("curl", ["--version"]).error === undefined;

describe.runIf(hasShell)("with a shell and curl (skipped without)", () => {
  test.concurrent.each(PAGES)(
    "the commands of $page work in their order",
    async ({ page, hasOwnDatabase, lastJobBefore }) => {
      await using database = await openTestDatabase({ isEmpty: true });
      const session = await openShellSession({
        ...SLOW_CHUNKS,
        ...(hasOwnDatabase ? { DATABASE_URL: database.url } : {}),
      });
      const ends: CommandEnd[] = [];
      let serviceCode: number | null = null;
      try {
        for (const line of [...lastJobBefore, ...commandsOf(page)])
          ends.push(
            await session.run(
              line.replace(EXAMPLE_URL, `'${database.url}'`).replace(DEMO.from, DEMO.to),
            ),
          );
      } finally {
        serviceCode = await session.end();
      }

      expect(ends.filter(({ line, code }) => code !== (EXIT_CODES[line] ?? 0))).toEqual([]);
      expect(ends.length).toBeGreaterThan(0);
      expect(serviceCode).toBe(0);
    },
    120_000,
  );
});

test("every command that is left out is in a document", () => {
  const pages = [...PAGES.map(({ page }) => page), "docs/guide/in-docker.md"];
  const lines = pages.flatMap((page) => fencedLines(page, "sh"));

  const written = lines.map((line) => line.replace(/ +# .*$/, ""));

  expect(Object.keys(LEFT_OUT).filter((line) => !written.includes(line))).toEqual([]);
});
