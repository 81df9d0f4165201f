import { expect, test } from "vitest";
import type { Inspection } from "../../api/types.ts";
import { isTaken } from "./target-form.tsx";

const TAKEN = { tableExists: true } as Inspection; // the field that tells

test("a name is taken once the service has said so of this request, and not of the one before", () => {
  expect(isTaken({ mode: "create" }, { inspection: TAKEN, isAsking: false })).toBe(true);
  expect(isTaken({ mode: "create" }, { inspection: TAKEN, isAsking: true })).toBe(false);
  expect(isTaken({ mode: "append" }, { inspection: TAKEN, isAsking: false })).toBe(false);
});
