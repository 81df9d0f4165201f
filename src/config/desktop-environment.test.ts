import { expect, test } from "vitest";
import { browserProgram } from "./desktop-environment.ts";

const DESKTOP = { DISPLAY: ":0" };

test.each([
  ["linux", DESKTOP, "xdg-open"],
  ["linux", { WAYLAND_DISPLAY: "wayland-0" }, "xdg-open"],
  ["linux", {}, null],
  ["linux", { DISPLAY: "" }, null],
  ["darwin", {}, "open"],
  ["win32", {}, "explorer.exe"],
] as const)("a page on %s with %o is opened by %s", (platform, environment, program) => {
  expect(browserProgram(platform, environment)).toBe(program);
});

test.each([{ CI: "true" }, { SSH_CONNECTION: "10.0.0.1 22" }, { SSH_TTY: "/dev/pts/0" }])(
  "nobody sits before a browser with %o",
  (environment) => {
    expect(browserProgram("linux", { ...DESKTOP, ...environment })).toBeNull();
    expect(browserProgram("darwin", environment)).toBeNull();
  },
);
