import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { prepareSocketFolder, socketPath } from "./socket-folder.ts";

let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "s-"));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

test("a folder has one socket, another folder another, however long their paths are", () => {
  const long = `/${"x".repeat(3000)}`;

  const folder = prepareSocketFolder(long, null, [parent]);

  expect(prepareSocketFolder(long, null, [parent])).toBe(folder);
  expect(prepareSocketFolder(`${long}y`, null, [parent])).not.toBe(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(socketPath(folder).length).toBeLessThan(104);
});

test("a folder of the right name that others can enter is not trusted", () => {
  const expected = prepareSocketFolder("/a", null, [parent]);
  chmodSync(expected, 0o755);

  const folder = prepareSocketFolder("/a", null, [parent]);

  expect(folder).not.toBe(expected);
  expect(basename(folder).startsWith(basename(expected))).toBe(true);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test("a link of the right name is not trusted", () => {
  const expected = prepareSocketFolder("/a", null, [parent]);
  rmSync(expected, { recursive: true });
  const elsewhere = join(parent, "elsewhere");
  mkdirSync(elsewhere, { mode: 0o700 });
  symlinkSync(elsewhere, expected);

  const folder = prepareSocketFolder("/a", null, [parent]);

  expect(folder).not.toBe(expected);
  expect(dirname(folder)).toBe(parent);
});

test("a folder in which a server still listens is left to it, and used again when it is gone", () => {
  const first = prepareSocketFolder("/a", null, [parent]);
  const lock = `${socketPath(first)}.lock`;

  writeFileSync(lock, `${process.pid}\n`);
  expect(prepareSocketFolder("/a", null, [parent])).not.toBe(first);
  writeFileSync(lock, "999999999\n");
  expect(prepareSocketFolder("/a", null, [parent])).toBe(first);
});

test("places that are missing or too long for a socket are passed over", () => {
  const long = join(parent, "x".repeat(100));
  mkdirSync(long);

  const folder = prepareSocketFolder("/a", null, ["/no-such-folder", long, parent]);

  expect(dirname(folder)).toBe(parent);
});

test("without any place there is an error that says what to do", () => {
  expect(() => prepareSocketFolder("/a", null, ["/no-such-folder"])).toThrow(
    expect.objectContaining({
      code: "database_start_failed",
      message: expect.stringContaining("Set TMPDIR to a short path"),
    }),
  );
});
