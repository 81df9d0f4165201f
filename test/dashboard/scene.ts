/** A service with a database of its own, and files for the screens to show. */
import type pg from "pg";
import type { EngineSettings } from "../../src/core/engine-settings.ts";
import { openTestDatabase } from "../support/database.ts";
import {
  SMALL_PIECES,
  startServiceProcess,
  temporaryFolder,
  type ServiceProcess,
} from "../support/service.ts";

/** A service for screens. */
export interface Scene {
  readonly service: ServiceProcess;
  /** Connections to its database. */
  readonly pool: pg.Pool;
  /** Kills the service and starts it again on the same port. */
  restart(): Promise<ServiceProcess>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a service on a free port. */
export async function openScene(
  environment: Readonly<Record<string, string>> = {},
  settings: Partial<EngineSettings> = SMALL_PIECES,
): Promise<Scene> {
  const database = await openTestDatabase();
  const folder = await temporaryFolder();
  const start = { dir: folder.path, databaseUrl: database.url, settings };
  let service = await startServiceProcess({ ...start, environment });
  return {
    pool: database.pool,
    get service() {
      return service;
    },
    restart: async () => {
      const { port } = new URL(service.url);
      if (service.isAlive()) await service.end("SIGKILL");
      service = await startServiceProcess({
        ...start,
        environment: { ...environment, SLUICE_PORT: port },
      });
      return service;
    },
    [Symbol.asyncDispose]: async () => {
      if (service.isAlive()) await service.end("SIGTERM");
      await folder[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** The types of `peopleCsv` that must be said, because some of its values do not fit them. */
export const PEOPLE_TYPES = { age: "integer", born: "date" };

/** People, of whom every 250th has an age in words, and some a date that there is none of. */
export function peopleCsv(rows: number): Buffer {
  const lines = ["id,Full Name,email,age,zip,born,Notes"];
  for (let row = 1; row <= rows; row += 1) {
    const age = row % 250 === 0 ? "forty" : String(20 + (row % 60));
    const born =
      row % 1000 === 1 ? "1984-02-31" : `19${50 + (row % 49)}-0${1 + (row % 9)}-1${row % 9}`;
    const zip = String(row % 100_000).padStart(5, "0");
    lines.push(`${row},Ada Lovelace ${row},ada${row}@example.com,${age},${zip},${born},`);
  }
  return Buffer.from(`${lines.join("\n")}\n`);
}
