/** Rows of stored files. The bytes are in the file store. */
import type { StoredFile } from "../core/job.ts";
import type { JobStore } from "../core/store-ports.ts";
import { pageOf, type RowsOf } from "./rows.ts";
import { sql } from "./sql.ts";

/** The part of the job store that is about files. */
export function createFileQueries(
  rowsOf: RowsOf,
): Pick<JobStore, "insertFile" | "findFile" | "listFiles" | "deleteFile" | "listDeletedFiles"> {
  return {
    insertFile: async (file) => {
      const rows = await rowsOf<FileRow>(
        sql`insert into sluice.file (id, name, bytes, sha256)
          values (${file.id}, ${file.name}, ${file.bytes}, ${file.sha256})
          returning id, name, bytes, sha256, created_at`,
      );
      const [inserted] = rows.map(toFile);
      if (inserted === undefined) throw new Error("insert … returning gave no row");
      return inserted;
    },
    findFile: async (fileId) => {
      const rows = await rowsOf<FileRow>(
        sql`select id, name, bytes, sha256, created_at from sluice.file
          where id = ${fileId} and removed_at is null and receiver is null`,
      );
      return rows.map(toFile)[0] ?? null;
    },
    listFiles: async ({ limit, cursor = null }) => {
      const rows = await rowsOf<FileRow>(
        sql`select id, name, bytes, sha256, created_at from sluice.file
          where removed_at is null and receiver is null and (${cursor}::text is null or id < ${cursor}) order by id desc limit ${limit + 1}`,
      );
      return pageOf(rows.map(toFile), limit);
    },
    deleteFile: (fileId) => deleteFile(rowsOf, fileId),
    listDeletedFiles: async (withinMs) => {
      const rows = await rowsOf<Pick<FileRow, "id">>(
        sql`select id from sluice.file
          where removed_at > clock_timestamp() - make_interval(secs => ${withinMs / 1000})`,
      );
      return rows.map(({ id }) => id);
    },
  };
}

async function deleteFile(
  rowsOf: RowsOf,
  fileId: string,
): Promise<"deleted" | "not_found" | "in_use"> {
  // Creating a job locks the file row `for share`, so no job can begin over a file that is being deleted.
  const rows = await rowsOf(
    sql`update sluice.file f set removed_at = clock_timestamp()
      where f.id = ${fileId} and f.removed_at is null and not exists (
        select from sluice.job j where j.file_id = f.id and j.state not in ('succeeded', 'stopped', 'undone'))
      returning f.id`,
  );
  if (rows.length === 1) return "deleted";
  const known = await rowsOf(
    sql`select from sluice.file where id = ${fileId} and removed_at is null`,
  );
  return known.length === 0 ? "not_found" : "in_use";
}

interface FileRow {
  id: string;
  name: string;
  bytes: number;
  sha256: string;
  created_at: Date;
}

function toFile(row: FileRow): StoredFile {
  const { id, name, bytes, sha256 } = row;
  return { id, name, bytes, sha256, createdAt: row.created_at };
}
