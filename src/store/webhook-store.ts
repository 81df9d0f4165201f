/** Webhooks and the outbox of their messages, which a trigger fills (`0019_webhooks.sql`). */
import { randomBytes } from "node:crypto";
import type pg from "pg";
import type { Page } from "../core/job-service.ts";
import type {
  Delivery,
  DueDelivery,
  Webhook,
  WebhookStore,
  WebhookType,
} from "../core/webhooks.ts";
import { inTransaction, withStoreErrors } from "./connect.ts";
import { newId } from "./new-id.ts";
import { pageOf } from "./rows.ts";
import { sql } from "./sql.ts";

const SECRET_BYTES = 32;
/** Of a message, by the alias `d`. */
const COLUMNS = `d.id, d.webhook_id, d.event_id, d.job_id, d.type, d.happened_at, d.state, d.attempts, d.next_attempt_at,
  d.attempted_at, d.status, d.error`;

/** Webhooks over a pool. */
export function createWebhookStore(pool: pg.Pool): WebhookStore {
  return {
    create: (webhook, actor) =>
      withStoreErrors(async () => {
        const secret = `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
        const { rows } = await pool.query<WebhookRow>(
          sql`insert into sluice.webhook (id, url, types, secret, created_by)
            values (${newId("webhook")}, ${webhook.url}, ${[...webhook.types]}, ${secret}, ${actor.by})
            returning id, url, types, created_by, created_at, gone_at`,
        );
        return { webhook: toWebhook(one(rows)), secret };
      }),
    list: ({ limit, cursor = null }) =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<WebhookRow>(
          sql`select id, url, types, created_by, created_at, gone_at from sluice.webhook
            where ${cursor}::text is null or id < ${cursor} order by id desc limit ${limit + 1}`,
        );
        return pageOf(rows.map(toWebhook), limit);
      }),
    remove: (webhookId) =>
      inTransaction(pool, async (client) => {
        const removed = await client.query(sql`delete from sluice.webhook where id = ${webhookId}`);
        await client.query(
          sql`delete from sluice.webhook_delivery where webhook_id = ${webhookId}`,
        );
        return removed.rowCount === 1;
      }),
    listDeliveries: (webhookId, page) =>
      withStoreErrors(() => listDeliveries(pool, webhookId, page)),
    replay: (webhookId, deliveryId) =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<DeliveryRow>(
          `update sluice.webhook_delivery d
            set state = 'waiting', attempts = 0, next_attempt_at = clock_timestamp(), status = null, error = null
            where d.webhook_id = $1 and d.id = $2 returning ${COLUMNS}`,
          [webhookId, deliveryId],
        );
        return rows[0] === undefined ? null : toDelivery(rows[0]);
      }),
    takeDue: (take) => withStoreErrors(() => takeDue(pool, take)),
    note: (...noted) => note(pool, ...noted),
    clean: (days) =>
      withStoreErrors(async () => {
        await pool.query(
          sql`delete from sluice.webhook_delivery d
            where (d.state <> 'waiting' and d.attempted_at < clock_timestamp() - make_interval(days => ${days}))
              or not exists (select from sluice.webhook w where w.id = d.webhook_id)`,
        );
      }),
  };
}

interface WebhookRow {
  readonly id: string;
  readonly url: string;
  readonly types: readonly WebhookType[];
  readonly created_by: string;
  readonly created_at: Date;
  readonly gone_at: Date | null;
}

interface DeliveryRow {
  readonly id: string;
  readonly webhook_id: string;
  readonly event_id: number;
  readonly job_id: string;
  readonly type: WebhookType;
  readonly happened_at: Date;
  readonly state: Delivery["state"];
  readonly attempts: number;
  readonly next_attempt_at: Date;
  readonly attempted_at: Date | null;
  readonly status: number | null;
  readonly error: string | null;
}

async function listDeliveries(
  pool: pg.Pool,
  webhookId: string,
  { limit, cursor = null }: { readonly limit: number; readonly cursor?: string | null },
): Promise<Page<Delivery> | null> {
  const webhook = await pool.query(sql`select from sluice.webhook where id = ${webhookId}`);
  if (webhook.rowCount === 0) return null;
  const { rows } = await pool.query<DeliveryRow>(
    `select ${COLUMNS} from sluice.webhook_delivery d
      where d.webhook_id = $1 and ($2::bigint is null or d.event_id < $2::bigint)
      order by d.event_id desc limit $3`,
    [webhookId, cursor, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { items: shown.map(toDelivery), next: last === undefined ? null : String(last.event_id) };
}

async function takeDue(
  pool: pg.Pool,
  { busy, perWebhook, leaseMs }: Parameters<WebhookStore["takeDue"]>[0],
): Promise<readonly DueDelivery[]> {
  const { rows } = await pool.query<DeliveryRow & { url: string; secret: string }>(
    `with due as materialized (
        select d.id, w.url, w.secret from sluice.webhook w cross join lateral (
          select d.id from sluice.webhook_delivery d
          where d.webhook_id = w.id and d.state = 'waiting' and d.next_attempt_at <= clock_timestamp()
          order by d.next_attempt_at, d.event_id limit $2 for update skip locked
        ) d
        where w.gone_at is null and w.id <> all ($1::text[])
      )
      update sluice.webhook_delivery d
      set attempts = d.attempts + 1, attempted_at = clock_timestamp(),
        next_attempt_at = clock_timestamp() + make_interval(secs => $3)
      from due where d.id = due.id returning ${COLUMNS}, due.url, due.secret`,
    [busy, perWebhook, leaseMs / 1000],
  );
  return rows.map((row) => ({ ...toDelivery(row), url: row.url, secret: row.secret }));
}

/** An attempt that was followed by another one, or by a replay, says nothing any more: that one has an outcome of its own. */
async function note(
  pool: pg.Pool,
  ...[delivery, outcome, retryMs]: Parameters<WebhookStore["note"]>
): Promise<void> {
  const isTaken = outcome.kind === "taken";
  const state = isTaken ? "delivered" : retryMs === null ? "failed" : "waiting";
  await inTransaction(pool, async (client) => {
    if (outcome.kind === "gone")
      await client.query(
        sql`update sluice.webhook set gone_at = coalesce(gone_at, clock_timestamp()) where id = ${delivery.webhookId}`,
      );
    await client.query(
      sql`update sluice.webhook_delivery
        set state = ${state}, status = ${outcome.status}, error = ${isTaken ? null : outcome.error},
          next_attempt_at = clock_timestamp() + make_interval(secs => ${(retryMs ?? 0) / 1000})
        where id = ${delivery.id} and attempts = ${delivery.attempts} and state = 'waiting'`,
    );
  });
}

function toWebhook(row: WebhookRow): Webhook {
  return {
    id: row.id,
    url: row.url,
    types: row.types,
    createdBy: row.created_by,
    createdAt: row.created_at,
    goneAt: row.gone_at,
  };
}

function toDelivery(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    webhookId: row.webhook_id,
    jobId: row.job_id,
    type: row.type,
    happenedAt: row.happened_at,
    state: row.state,
    attempts: row.attempts,
    nextAttemptAt: row.state === "waiting" ? row.next_attempt_at : null,
    attemptedAt: row.attempted_at,
    status: row.status,
    error: row.error,
  };
}

function one<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error("an insert returns its row");
  return row;
}
