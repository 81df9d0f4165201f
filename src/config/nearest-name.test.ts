import { expect, test } from "vitest";
import { nearestName } from "./nearest-name.ts";

test.each([
  ["SLUICE_PROT", "SLUICE_PORT"],
  ["sluice_dir", "SLUICE_DIR"],
  ["SLUICE_DIRR", "SLUICE_DIR"],
])("%s is taken for %s", (typed, meant) => {
  expect(nearestName(typed, ["SLUICE_DIR", "SLUICE_PORT", "SLUICE_HOST"])).toBe(meant);
});

test("a name that resembles nothing has no nearest name", () => {
  expect(nearestName("banana", ["import", "jobs", "show"])).toBeNull();
});

test("a short name must be nearly right", () => {
  expect(nearestName("sho", ["show"])).toBe("show");
  expect(nearestName("sql", ["url"])).toBeNull();
});
