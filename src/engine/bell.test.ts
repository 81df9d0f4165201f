import { expect, test } from "vitest";
import { createBell } from "./bell.ts";

const LONG_MS = 60_000;

test("a ring wakes everybody who waits, and nobody who comes later", async () => {
  const bell = createBell();
  const early = [bell.wait(LONG_MS), bell.wait(LONG_MS)];

  bell.ring();
  await Promise.all(early);

  const late = await Promise.race([bell.wait(20).then(() => "limit"), bell.wait(LONG_MS)]);
  expect(late).toBe("limit");
  bell.ring();
});
