import { expect, test } from "vitest";
import { compiledCodeFolder } from "./cache-folder.ts";

const HOME = { HOME: "/home/ada" };

test("compiled code lies where each system keeps what can be made again", () => {
  expect(compiledCodeFolder(HOME, "linux")).toBe("/home/ada/.cache/sluice/compiled");
  expect(compiledCodeFolder({ ...HOME, XDG_CACHE_HOME: "/var/c" }, "linux")).toBe(
    "/var/c/sluice/compiled",
  );
  expect(compiledCodeFolder(HOME, "darwin")).toBe("/home/ada/Library/Caches/sluice/compiled");
});

test("a folder that is no address of its own is not used", () => {
  expect(compiledCodeFolder({ ...HOME, XDG_CACHE_HOME: "cache" }, "linux")).toBe(
    "/home/ada/.cache/sluice/compiled",
  );
  expect(compiledCodeFolder({ HOME: "ada" }, "linux")).toBeNull();
  expect(compiledCodeFolder({}, "win32")).toBeNull();
});

test("the variable that turns off Node's cache turns off this one", () => {
  expect(compiledCodeFolder({ ...HOME, NODE_DISABLE_COMPILE_CACHE: "1" }, "linux")).toBeNull();
});
