import { expect, test } from "vitest";
import { PROCESS_NAME as OF_THE_LIBRARY } from "../library/define-process.ts";
import { PROCESS_NAME } from "./process-name.ts";

test("settings and commands know the same names of processes as defineProcess", () => {
  expect(PROCESS_NAME).toEqual(OF_THE_LIBRARY);
});
