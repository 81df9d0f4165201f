import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect, test, vi } from "vitest";
import { identifyProcess, identifySelf, isAlive } from "./process-identity.ts";

test("a running process is alive, and the same at every look", () => {
  const first = identifySelf();

  expect(first.pid).toBe(process.pid);
  expect(first.startedAt).not.toBe("");
  expect(identifySelf()).toEqual(first);
  expect(isAlive(first)).toBe(true);
});

test("a process that has ended is dead", async () => {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"]);
  await once(child, "spawn");
  const identity = identifyProcess(child.pid ?? 0);
  expect(identity && isAlive(identity)).toBe(true);

  child.kill("SIGKILL");
  await once(child, "close");

  expect(identifyProcess(child.pid ?? 0)).toBeNull();
  expect(identity && isAlive(identity)).toBe(false);
});

test("another process with the same pid is not the same process", () => {
  const self = identifySelf();

  expect(isAlive({ pid: self.pid, startedAt: `${self.startedAt}0` })).toBe(false);
});

test("a number that is no pid names no process", () => {
  for (const pid of [0, -1, 1.5, Number.NaN]) expect(identifyProcess(pid)).toBeNull();
});

test.skipIf(process.platform !== "linux")(
  "a process that ended but was not waited for is dead",
  async () => {
    const parent = spawn("sh", ["-c", "sleep 0.3 & echo $!; exec sleep 60"]);
    const [line] = await once(createInterface(parent.stdout), "line");
    const pid = Number(line);

    await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, "utf8")).toContain(") Z "));

    expect(identifyProcess(pid)).toBeNull();
    parent.kill("SIGKILL");
    await once(parent, "close");
  },
);
