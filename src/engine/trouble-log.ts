/**
 * Says a trouble that lasts once when it begins and once when it is over.
 *
 * Each source, such as a loop, tells of every failure and of every success. A database that is away makes all sources
 * fail, which is one trouble: it is over when every source that it made fail has worked again.
 */
import { SluiceError } from "../core/errors.ts";
import type { LineLog } from "../core/line-log.ts";
import { messageOf } from "../core/message-of.ts";

/** Where failures and successes are told. */
export interface TroubleLog {
  /** A step of `source` failed. */
  failed(source: string, error: unknown): void;
  /** A step of `source` succeeded. */
  worked(source: string): void;
}

/** Makes one over a log. */
export function createTroubleLog(log: LineLog): TroubleLog {
  const withoutDatabase = new Set<string>();
  const lastLines = new Map<string, string>();
  return {
    failed: (source, error) => {
      if (error instanceof SluiceError && error.code === "database_unavailable") {
        if (withoutDatabase.size === 0) log(error.message, "warn");
        withoutDatabase.add(source);
        return;
      }
      const line = `${source}: ${messageOf(error)}`;
      if (lastLines.get(source) !== line) log(line, "warn");
      lastLines.set(source, line);
    },
    worked: (source) => {
      if (withoutDatabase.delete(source) && withoutDatabase.size === 0)
        log("The database answers again. Jobs go on.");
      if (lastLines.delete(source)) log(`${source}: works again`);
    },
  };
}
