/** Rows of resumable uploads. The bytes are in the folder of files; how many of them count is said here. */
import type pg from "pg";
import type { ResumableUpload, ResumableUploadStore } from "../core/upload-ports.ts";
import { inTransaction, withStoreErrors } from "./connect.ts";
import { sql, toJson, type Statement } from "./sql.ts";

interface UploadRow {
  readonly id: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string | null>>;
  readonly bytes_total: number | null;
  readonly bytes: number;
  readonly seen_at: Date;
  readonly is_finished: boolean;
}

function toUpload(row: UploadRow): ResumableUpload {
  return {
    id: row.id,
    name: row.name,
    bytes: row.bytes,
    bytesTotal: row.bytes_total,
    metadata: row.metadata,
    seenAt: row.seen_at,
    isFinished: row.is_finished,
  };
}

/** Runs a statement, and says whether it changed a row. */
type Changes = (statement: Statement) => Promise<boolean>;

/** Uploads that this worker takes, over a pool. */
export function createUploadStore(pool: pg.Pool, worker: string): ResumableUploadStore {
  const changes: Changes = (statement) =>
    withStoreErrors(async () => (await pool.query(statement)).rowCount === 1);
  return {
    ...createPieceStatements(changes, worker),
    ...createEndStatements(pool, changes),
    insert: ({ id, name, bytesTotal, metadata }) =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<UploadRow>(
          sql`insert into sluice.upload (id, name, metadata, bytes_total)
            values (${id}, ${name}, ${toJson(metadata)}::jsonb, ${bytesTotal})
            returning id, name, metadata, bytes_total, bytes, seen_at, false as is_finished`,
        );
        const [row] = rows;
        if (row === undefined) throw new Error("insert … returning gave no row");
        return toUpload(row);
      }),
    find: (id) =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<UploadRow>(
          sql`select u.id, u.name, u.metadata, u.bytes_total, u.bytes, u.seen_at, u.finished_at is not null as is_finished
            from sluice.upload u
            where u.id = ${id} and u.ended_at is null and (u.finished_at is null or exists (
              select from sluice.file f where f.id = u.id and f.removed_at is null))`,
        );
        return rows.map(toUpload)[0] ?? null;
      }),
    declare: (id, bytesTotal) =>
      changes(
        sql`update sluice.upload set bytes_total = ${bytesTotal}
          where id = ${id} and ended_at is null and (bytes_total is null or bytes_total = ${bytesTotal})`,
      ),
  };
}

type PieceStatements = Pick<ResumableUploadStore, "claim" | "note" | "release">;

function createPieceStatements(changes: Changes, worker: string): PieceStatements {
  return {
    claim: (id, leaseMs) =>
      changes(
        sql`update sluice.upload set receiver = ${worker}, seen_at = clock_timestamp()
          where id = ${id} and ended_at is null and finished_at is null and (receiver is null or receiver = ${worker}
            or seen_at < clock_timestamp() - make_interval(secs => ${leaseMs / 1000}))`,
      ),
    note: (id, before, bytes) =>
      changes(
        sql`update sluice.upload set bytes = ${bytes}, seen_at = clock_timestamp()
          where id = ${id} and receiver = ${worker} and bytes = ${before} and ended_at is null and finished_at is null`,
      ),
    release: async (id) => {
      await changes(
        sql`update sluice.upload set receiver = null where id = ${id} and receiver = ${worker}`,
      );
    },
  };
}

type EndStatements = Pick<ResumableUploadStore, "finish" | "end" | "forget" | "listOver">;

function createEndStatements(pool: pg.Pool, changes: Changes): EndStatements {
  return {
    finish: (id, { bytes, sha256 }) =>
      inTransaction(pool, async (client) => {
        await client.query(
          sql`insert into sluice.file (id, name, bytes, sha256)
            select id, name, ${bytes}, ${sha256} from sluice.upload
            where id = ${id} and finished_at is null and ended_at is null
            on conflict (id) do nothing`,
        );
        const { rowCount } = await client.query(
          sql`update sluice.upload set receiver = null, finished_at = coalesce(finished_at, clock_timestamp())
            where id = ${id} and ended_at is null`,
        );
        return rowCount === 1;
      }),
    end: (id) =>
      changes(
        sql`update sluice.upload set ended_at = clock_timestamp()
          where id = ${id} and ended_at is null and finished_at is null`,
      ),
    forget: async (id) => {
      await changes(sql`delete from sluice.upload where id = ${id}`);
    },
    listOver: (expiryMs) =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<{ id: string; is_finished: boolean }>(
          sql`update sluice.upload set ended_at = coalesce(ended_at, clock_timestamp())
            where ended_at is not null or seen_at < clock_timestamp() - make_interval(secs => ${expiryMs / 1000})
            returning id, finished_at is not null as is_finished`,
        );
        return rows.map((row) => ({ id: row.id, isFinished: row.is_finished }));
      }),
  };
}
