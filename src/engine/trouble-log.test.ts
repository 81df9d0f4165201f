import { expect, test } from "vitest";
import { SluiceError } from "../core/errors.ts";
import { createTroubleLog } from "./trouble-log.ts";

const AWAY = new SluiceError("database_unavailable", "Away.");

test("a database that is away for all sources is said once, and once when all work again", () => {
  const lines: string[] = [];
  const troubles = createTroubleLog((line) => lines.push(line));

  for (const source of ["dispatch", "heartbeat", "dispatch"]) troubles.failed(source, AWAY);
  troubles.worked("dispatch");
  const early = lines.length;
  troubles.worked("heartbeat");
  troubles.worked("heartbeat");

  expect(early).toBe(1);
  expect(lines).toEqual(["Away.", "The database answers again. Jobs go on."]);
});

test("another failure is said once by its source, and once when it is over", () => {
  const lines: string[] = [];
  const troubles = createTroubleLog((line) => lines.push(line));

  troubles.failed("sweep", new Error("locked"));
  troubles.failed("sweep", new Error("locked"));
  troubles.failed("sweep", new Error("odd"));
  troubles.worked("sweep");
  troubles.worked("sweep");

  expect(lines).toEqual(["sweep: locked", "sweep: odd", "sweep: works again"]);
});
