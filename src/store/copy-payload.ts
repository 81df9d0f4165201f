/** What a COPY from the client is sent besides its rows. */

/** Signature, no flags, no extension: https://www.postgresql.org/docs/current/sql-copy.html (file header). */
const BINARY_HEADER = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
/** A row of -1 columns. */
const BINARY_TRAILER = Buffer.from("\xff\xff", "latin1");

/** The data of a COPY statement, in pieces that are sent one behind the other. */
export type CopyPayload = readonly Uint8Array[];

/** The payload of whole rows in a format. */
export function copyPayload(format: "text" | "binary", rows: Uint8Array): CopyPayload {
  return format === "binary" ? [BINARY_HEADER, rows, BINARY_TRAILER] : [rows];
}
