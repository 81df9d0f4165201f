/** The steps of the Dockerfile one by one: install, build, prune, start as its user, health check, stop. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildImage, type Image } from "./dockerfile.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let image: Image;
let port: number;
let container: ChildProcess;
let log = "";

beforeAll(async () => {
  const listed = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  image = buildImage(join(root, "Dockerfile"), root, listed.stdout.trim().split("\n"));
  chmodSync(image.root, 0o755);
  port = await freePort();
  const [program = "", ...args] = image.command;
  container = spawn(program === "node" ? process.execPath : program, args, {
    cwd: join(image.root, "app"),
    env: {
      PATH: process.env["PATH"],
      ...image.environment,
      SLUICE_AUTH: "none",
      SLUICE_PORT: String(port),
    },
    stdio: ["ignore", "pipe", "pipe"],
    ...(process.getuid?.() === 0 ? { uid: image.user, gid: image.user } : {}),
  });
  for (const stream of [container.stdout, container.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
}, 300_000);

afterAll(async () => {
  if (container?.exitCode === null) {
    container.kill("SIGKILL");
    await once(container, "exit");
  }
  if (image !== undefined) rmSync(image.root, { recursive: true, force: true });
});

test("the health check turns green", async () => {
  const [program = "", ...args] = image.healthCheck;
  expect(program).toBe("node");
  const placed = args.map((arg) => arg.replace(":5007/", `:${port}/`));

  await expect
    .poll(() => spawnSync(process.execPath, placed).status, { timeout: 60_000, interval: 200 })
    .toBe(0);
});

test("the flat API imports a file into the database of the volume", async () => {
  const form = new FormData();
  form.set("file", new Blob(["name,size\na,1\nb,2\n"]), "things.csv");

  const created = await fetch(`http://127.0.0.1:${port}/create`, { method: "POST", body: form });

  expect([created.status, await created.json()]).toMatchObject([
    201,
    { Details: "Process started successfully." },
  ]);
  await expect
    .poll(async () => (await fetch(`http://127.0.0.1:${port}/status`)).json())
    .toMatchObject({ Details: "No active process." });
});

test("the image holds no development dependency", () => {
  const lock = JSON.parse(
    readFileSync(join(image.root, "app/node_modules/.package-lock.json"), "utf8"),
  ) as { packages: Record<string, { dev?: boolean }> }; // npm's own format
  const development = Object.entries(lock.packages).filter(([, { dev }]) => dev === true);

  expect(development).toEqual([]);
});

test("SIGTERM ends it with exit code 0", async () => {
  const ended = once(container, "exit");

  container.kill("SIGTERM");

  expect(await ended, log).toEqual([0, null]);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
