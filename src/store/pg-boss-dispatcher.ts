/**
 * Dispatch over pg-boss: messages are rows of its queue, inserted in the transaction that changes a job's state.
 *
 * Only three of its operations are used: insert, fetch, complete. Its retries, expiry and groups are not relied on:
 * a message that is lost after it was fetched is found again by the supervisor's look at the part rows.
 */
import { PgBoss } from "pg-boss";
import type pg from "pg";
import type { LineLog } from "../core/line-log.ts";
import type { Dispatcher, DispatchMessage, SqlRunner } from "../core/ports.ts";
import { isConnectionLoss, withStoreErrors } from "./connect.ts";
import { missingDispatchScript, QUEUE, QUEUE_OPTIONS } from "./dispatch-schema.ts";
import { DISPATCH_SCHEMA, hasSchema, whileMigrating } from "./migrate.ts";

const MINUTES = 60;

/** Starts pg-boss over the pool and creates its queue. Needs two connections at once. */
export async function startPgBossDispatcher(pool: pg.Pool, log: LineLog): Promise<Dispatcher> {
  // Two that make its schema at the same time are in each other's way.
  const boss = await whileMigrating(pool, () => startBoss(pool, log));
  return dispatcherOf(boss);
}

/**
 * Makes what dispatch needs in the database, as its start would. Returns whether something was missing. Errors: those of
 * the database.
 */
export async function makeDispatchSchema(pool: pg.Pool): Promise<boolean> {
  const isMissing = (await missingDispatchScript(pool)) !== "";
  const dispatcher = await startPgBossDispatcher(pool, () => undefined);
  await dispatcher.stop();
  return isMissing;
}

async function startBoss(pool: pg.Pool, log: LineLog): Promise<PgBoss> {
  const boss = new PgBoss({
    db: { executeSql: async (text, values) => pool.query(text, values) },
    schema: DISPATCH_SCHEMA,
    // A role that may not create schemas can be given one.
    createSchema: !(await withStoreErrors(() => hasSchema(pool, DISPATCH_SCHEMA))),
    schedule: false,
    supervise: true,
    // Maintenance only: nothing waits for it.
    monitorIntervalSeconds: MINUTES,
    maintenanceIntervalSeconds: 10 * MINUTES,
  });
  // Its maintenance is repeated by itself, and that the database is away is said by the loops that work with it.
  boss.on("error", (error) => {
    if (!isConnectionLoss(error)) log(`dispatch: ${error.message}`, "warn");
  });
  await withStoreErrors(() => boss.start());
  await withStoreErrors(() => boss.createQueue(QUEUE, QUEUE_OPTIONS));
  return boss;
}

function dispatcherOf(boss: PgBoss): Dispatcher {
  let isStopped = false;
  return {
    dispatch: async (messages, tx) => {
      if (messages.length === 0) return;
      await withStoreErrors(async () => {
        await boss.insert(QUEUE, messages.map(toInsert), tx === undefined ? {} : { db: toDb(tx) });
      });
    },
    take: async (limit) =>
      withStoreErrors(async () => {
        const taken = await boss.fetch<DispatchMessage>(QUEUE, { batchSize: limit });
        return taken.map(({ id, data }) => ({
          jobId: data.jobId,
          partNo: data.partNo,
          epoch: data.epoch,
          receipt: id,
        }));
      }),
    done: async (messages) => {
      if (messages.length === 0) return;
      await withStoreErrors(async () => {
        await boss.complete(
          QUEUE,
          messages.map((message) => message.receipt),
        );
      });
    },
    stop: async () => {
      if (isStopped) return;
      isStopped = true;
      await boss.stop({ graceful: false, close: false });
    },
  };
}

function toInsert(message: DispatchMessage): {
  data: DispatchMessage;
  singletonKey: string;
} {
  const { jobId, partNo, epoch } = message;
  return { data: { jobId, partNo, epoch }, singletonKey: `${jobId}:${partNo}:${epoch}` };
}

function toDb(tx: SqlRunner): {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
} {
  return { executeSql: (text, values) => tx.query(text, values) };
}
