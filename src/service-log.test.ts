import { expect, test } from "vitest";
import { SluiceError } from "./core/errors.ts";
import { toApiLog, toLineLog } from "./service-log.ts";

test("an error with a code is its message; a defect comes with its trace and cause", () => {
  const lines: string[] = [];
  const log = toApiLog((line) => lines.push(line), "info");

  log("error", "failed", { error: new SluiceError("storage_full", "No space.") });
  log("error", "failed", {
    error: new SluiceError("internal", "Odd.", { cause: new Error("why") }),
  });

  expect(lines[0]).toBe("error: failed error=No space.");
  expect(lines[1]).toMatch(/Odd\.\n +at .*caused by Error: why\n +at /s);
});

test("who debugs gets the trace of every error", () => {
  const lines: string[] = [];
  const log = toApiLog((line) => lines.push(line), "debug");

  log("error", "failed", { error: new SluiceError("storage_full", "No space.") });

  expect(lines[0]).toMatch(/No space\.\n +at /);
});

test("lines below the level are left out", () => {
  const lines: string[] = [];
  const log = toLineLog((line) => lines.push(line), "info");

  log("hidden", "debug");
  log("said");
  log("loud", "error");

  expect(lines).toEqual(["said", "loud"]);
});
