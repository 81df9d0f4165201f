import { expect, test } from "vitest";
import { nearestName } from "./nearest-name.ts";

test.each([
  ["PROT", "PORT"],
  ["dir", "DIR"],
  ["DIRR", "DIR"],
  ["max_uplod_byte", "MAX_UPLOAD_BYTES"],
])("%s is taken for %s", (typed, meant) => {
  expect(nearestName(typed, ["DIR", "PORT", "HOST", "MAX_UPLOAD_BYTES"])).toBe(meant);
});

test.each(["export", "run", "worker", "token", "migrate", "retry", "rerun", "inspect", "init"])(
  "%s is not taken for another command",
  (name) => {
    const commands = ["serve", "import", "jobs", "rejected", "resume", "undo", "url", "watch"];

    expect(nearestName(name, commands)).toBeNull();
  },
);

test("a name that resembles nothing has no nearest name", () => {
  expect(nearestName("banana", ["import", "jobs", "show"])).toBeNull();
});

test("a short name must be nearly right", () => {
  expect(nearestName("sho", ["show"])).toBe("show");
  expect(nearestName("sql", ["url"])).toBeNull();
});
