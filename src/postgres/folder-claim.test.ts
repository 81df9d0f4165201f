import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  compileSource,
  startChild,
  type CompiledSource,
} from "../../test/support/compiled-child.ts";
import { claimFolder, readFolderClaim } from "./folder-claim.ts";

let source: CompiledSource;
let home: string;
let dir: string;

beforeAll(() => {
  source = compileSource(["postgres/folder-claim.ts"]);
});
afterAll(() => source.remove());
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sluice-claim-"));
  dir = join(home, ".sluice");
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const SERVICE = `
  const { claimFolder } = await import(source + "postgres/folder-claim.js");
  const [dir, url] = process.argv.slice(1);
  try {
    await claimFolder(dir, { url });
    console.log(JSON.stringify("claimed"));
    process.stdin.resume();
  } catch (error) {
    console.log(JSON.stringify({ code: error.code, message: error.message }));
  }
`;

test("a folder that does not exist has no service, and looking does not make it", async () => {
  expect(await readFolderClaim(dir)).toBeNull();
  expect(existsSync(dir)).toBe(false);
});

test("a service is found by its folder, with its URL once it is known", async () => {
  const claim = await claimFolder(dir);
  expect(await readFolderClaim(dir)).toEqual({ pid: process.pid, url: null });

  await claim.setUrl("http://127.0.0.1:5007");
  expect(await readFolderClaim(dir)).toEqual({ pid: process.pid, url: "http://127.0.0.1:5007" });

  await claim.release();
  await claim.release();
  expect(await readFolderClaim(dir)).toBeNull();
});

test("a second service is refused in a sentence that names the first", async () => {
  const url = "http://127.0.0.1:5007";
  const child = startChild(source, SERVICE, { args: [dir, url] });
  expect(await child.answer()).toBe("claimed");
  const { pid } = child.process;

  await expect(claimFolder(dir)).rejects.toMatchObject({
    code: "folder_in_use",
    message:
      `Another Sluice service (pid ${pid}, ${url}) uses ${dir}. ` +
      "Use that one, stop it, or set SLUICE_DIR to another folder.",
    details: { dir, pid, url },
  });

  await child.kill();
});

test("a second service is refused before the first knows its URL", async () => {
  const claim = await claimFolder(dir);

  await expect(claimFolder(dir)).rejects.toThrow(
    `Another Sluice service (pid ${process.pid}) uses`,
  );

  await claim.release();
});

test("the claim of a killed service does not count", async () => {
  const child = startChild(source, SERVICE, { args: [dir, "http://127.0.0.1:5007"] });
  await child.answer();

  await child.kill();

  expect(await readFolderClaim(dir)).toBeNull();
  const claim = await claimFolder(dir);
  expect(await readFolderClaim(dir)).toEqual({ pid: process.pid, url: null });
  await claim.release();
});

test("of several services that start over a stale claim exactly one gets the folder", async () => {
  const dead = startChild(source, SERVICE, { args: [dir, "http://127.0.0.1:1"] });
  await dead.answer();
  await dead.kill();

  const children = Array.from({ length: 6 }, () =>
    startChild(source, SERVICE, { args: [dir, "http://127.0.0.1:2"] }),
  );
  const answers = await Promise.all(children.map((child) => child.answer()));

  expect(answers.filter((answer) => answer === "claimed")).toHaveLength(1);
  expect(answers.filter((answer) => answer !== "claimed")).toEqual(
    Array(5).fill(expect.objectContaining({ code: "folder_in_use" })),
  );
  await Promise.all(children.map((child) => child.kill()));
});

test("a claim in a place that cannot be a folder fails with the path", async () => {
  const file = join(home, "file");
  writeFileSync(file, "");

  await expect(claimFolder(join(file, ".sluice"))).rejects.toMatchObject({
    code: "storage_failed",
    message: expect.stringContaining(join(file, ".sluice")),
    details: { code: "ENOTDIR" },
  });
});
