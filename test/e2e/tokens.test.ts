/** The token of a service that listens beyond loopback: made once, and what to do when it is lost. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { runCommand } from "../support/cli.ts";
import { temporaryFolder } from "../support/service.ts";
import { until } from "../support/until.ts";

const CLI = fileURLToPath(new URL("../../dist/sluice.js", import.meta.url));

let database: TestDatabase;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  database = await openTestDatabase();
  folder = await temporaryFolder();
});
afterEach(async () => {
  await database?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

/** Starts the service beyond loopback, reads its token line, asks for its jobs with `token`, and ends it. */
async function serve(token: string, environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [CLI, "serve", "--host", "0.0.0.0"], {
    env: {
      PATH: process.env["PATH"],
      SLUICE_DIR: folder.path,
      SLUICE_PORT: "0",
      DATABASE_URL: database.url,
      ...environment,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (bytes: Buffer) => (said += String(bytes)));
  await until("it listens", () => said.includes("Ctrl-C"));
  const line = /Token +(.*)/.exec(said)?.[1] ?? "";
  const port = /API +http:\/\/[^:]+:(\d+)/.exec(said)?.[1] ?? "";
  const answer = await fetch(`http://127.0.0.1:${port}/v1/jobs`, {
    headers: { authorization: `Bearer ${token === "" ? line.split(" ")[0] : token}` },
  });
  child.kill("SIGTERM");
  await once(child, "exit");
  return { line, status: answer.status };
}

test("a later start says that the token is as before, and SLUICE_TOKEN adds another", async () => {
  const first = await serve("");
  const again = await serve(first.line.split(" ")[0] ?? "");
  const another = await serve("slu_another_one_1234567890", {
    SLUICE_TOKEN: "slu_another_one_1234567890",
  });

  expect(first).toMatchObject({
    line: expect.stringContaining("shown once") as string,
    status: 200,
  });
  expect(again).toEqual({
    line: "as before (`sluice token create` makes another)",
    status: 200,
  });
  expect(another).toEqual({ line: "that of SLUICE_TOKEN, beside those of before", status: 200 });
});

test("tokens are made, listed and revoked by the command line: on the database, or as an admin of a service", async () => {
  const environment = { SLUICE_DIR: folder.path, DATABASE_URL: database.url };
  const at = { cwd: folder.path, environment };
  const early = await runCommand(["token", "create"], {
    cwd: folder.path,
    environment: { ...environment, DATABASE_URL: database.url.replace(/\/[^/]*$/, "/postgres") },
  });
  const child = spawn(process.execPath, [CLI, "serve", "--host", "0.0.0.0", "--json"], {
    env: { PATH: process.env["PATH"], SLUICE_PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = (await once(child.stdout, "data")) as [Buffer]; // one line of JSON
  const { url, firstToken } = JSON.parse(String(said)) as { url: string; firstToken: string };
  const address = url.replace("0.0.0.0", "127.0.0.1");
  const asAdmin = {
    cwd: folder.path,
    environment: { SLUICE_URL: address, SLUICE_TOKEN: firstToken },
  };
  const statusOf = async (token: string) =>
    (await fetch(`${address}/v1/jobs`, { headers: { authorization: `Bearer ${token}` } })).status;

  try {
    const local = await runCommand(["token", "create", "nightly", "--scope", "operate"], at);
    const remote = await runCommand(
      ["token", "create", "guest", "--expires", "7d", "--json"],
      asAdmin,
    );
    const asGuest = await runCommand(
      ["token", "list", "--url", address, "--token", local.stdout.trim()],
      at,
    );
    const listed = await runCommand(["token", "list", "--plain"], at);
    const before = await statusOf(local.stdout.trim());
    const revoked = await runCommand(["token", "revoke", "nightly"], asAdmin);

    expect(local.stdout).toMatch(/^slu_[\w-]{43}\n$/);
    expect(local.stderr).toContain(`In a browser: ${url}/#token=${local.stdout.trim()}`);
    expect(JSON.parse(remote.stdout)).toMatchObject({
      name: "guest",
      scope: "read",
      createdBy: "first",
    });
    expect(asGuest.code).toBe(4);
    expect(listed.stdout).toMatch(
      /guest +read +all .*\n.*nightly +operate +all .* never\n.*first +admin/,
    );
    expect(listed.stdout).not.toContain("slu_");
    expect(before).toBe(200);
    expect(revoked).toMatchObject({ code: 0, stderr: "" });
    expect(await statusOf(local.stdout.trim())).toBe(401);
    expect(early.stderr).toContain("run `sluice migrate`");
  } finally {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
});
