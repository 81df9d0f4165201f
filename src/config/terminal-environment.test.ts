import { expect, test } from "vitest";
import { readTerminalEnvironment } from "./terminal-environment.ts";

test.each([
  [{}, "auto"],
  [{ NO_COLOR: "1" }, "never"],
  [{ NO_COLOR: "" }, "auto"],
  [{ NO_COLOR: "1", FORCE_COLOR: "1" }, "always"],
  [{ FORCE_COLOR: "0" }, "never"],
  [{ TERM: "dumb" }, "never"],
] as const)("%j asks for color %s", (environment, color) => {
  expect(readTerminalEnvironment(environment).color).toBe(color);
});

test("a dumb terminal is not redrawn", () => {
  expect(readTerminalEnvironment({ TERM: "dumb" }).canRedraw).toBe(false);
});
