/** `sluice` at a terminal opens the dashboard, with the browser of the desktop, which here is a script. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { until } from "../support/until.ts";

const PROGRAM = join(import.meta.dirname, "../../dist/sluice.js");

let dir: string;
let database: TestDatabase;
let terminal: ChildProcess | null = null;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sluice-open-"));
  const browser = join(dir, "xdg-open");
  await writeFile(browser, `#!/bin/sh\necho "$1" > ${join(dir, "opened")}\n`);
  await chmod(browser, 0o755);
  database = await openTestDatabase();
});
afterEach(async () => {
  if (terminal?.exitCode === null) {
    terminal.stdin?.write("\u0003");
    await once(terminal, "exit");
  }
  await database[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

/** Runs `sluice serve` at a terminal, which `script` makes; returns what it has shown so far. */
function serve(...flags: readonly string[]): () => string {
  const command = [process.execPath, PROGRAM, "serve", "--port", "0", ...flags].join(" ");
  terminal = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: dir,
    env: {
      PATH: `${dir}${delimiter}${process.env["PATH"] ?? ""}`,
      TERM: "xterm",
      DISPLAY: ":0",
      DATABASE_URL: database.url,
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  terminal.stdout?.setEncoding("utf8").on("data", (text: string) => (shown += text));
  return () => shown;
}

async function opened(): Promise<string | null> {
  return readFile(join(dir, "opened"), "utf8").catch(() => null);
}

test("the address that is shown is the one that is opened", async () => {
  const shown = serve();

  await until("a page is opened", async () => (await opened())?.endsWith("\n") === true);

  await until("all is shown", () => shown().includes("Ctrl-C stops the service"));
  const address = /http:\/\/127\.0\.0\.1:\d+/.exec(shown())?.[0];
  expect(await opened()).toBe(`${String(address)}\n`);
});

test("nothing is opened with --no-open", async () => {
  const shown = serve("--no-open");

  await until("it listens", () => shown().includes("Ctrl-C stops the service"));
  terminal?.stdin?.write("\u0003");
  await once(terminal as ChildProcess, "exit");

  expect(await opened()).toBeNull();
});
