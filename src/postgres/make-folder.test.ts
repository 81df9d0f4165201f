import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isLinux, isRoot } from "../../test/support/server-home.ts";
import { claimFolder } from "./folder-claim.ts";
import { makeFolder } from "./make-folder.ts";

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sluice-folder-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Whether this process may mount a disk here. */
function canMount(): boolean {
  if (!isLinux || !isRoot) return false;
  const folder = mkdtempSync(join(tmpdir(), "sluice-mount-"));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "ro", "tmpfs", folder]);
  if (status === 0) execFileSync("umount", [folder]);
  rmSync(folder, { recursive: true });
  return status === 0;
}

test("folders are made for their owner alone, and once", async () => {
  const path = join(home, "a", "b");

  await Promise.all([makeFolder(path), makeFolder(path)]);

  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test("a file in the place of a folder is refused", async () => {
  writeFileSync(join(home, "a"), "");

  await expect(makeFolder(join(home, "a", "b"))).rejects.toMatchObject({ code: "storage_failed" });
  await expect(makeFolder(join(home, "a"))).rejects.toMatchObject({ code: "storage_failed" });
});

test.skipIf(!isLinux)("a place that takes no folders is refused at once", async () => {
  await expect(claimFolder("/proc/x/y")).rejects.toMatchObject({
    code: "storage_failed",
    message: expect.stringContaining("No folder can be made at /proc/x") as string,
  });
});

test.skipIf(!canMount())("a read-only disk is called read-only", async () => {
  execFileSync("mount", ["-t", "tmpfs", "-o", "ro", "tmpfs", home]);
  try {
    await expect(claimFolder(join(home, "a", "b"))).rejects.toMatchObject({
      code: "storage_failed",
      message: expect.stringContaining("is read-only") as string,
    });
  } finally {
    execFileSync("umount", [home]);
  }
});
