/** Rejections in COPY's text format: they go in with the rows, in the same transaction. */
import type { Part } from "../core/job.ts";
import type { Rejection } from "../core/rejection.ts";

/** The COPY statement that takes `encodeRejections`. */
export const REJECTION_COPY =
  "copy sluice.rejection (job_id, part_no, record_no, line_no, byte_offset, byte_length, column_name, value, code, message, raw, at_publishing) from stdin";

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
};

/** Escapes a text for COPY; a NUL, which no text of PostgreSQL can hold, is shown as U+2400. */
function escape(text: string | null): string {
  if (text === null) return "\\N";
  return text
    .replaceAll("\0", "\u2400")
    .replaceAll(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? "");
}

/** One line a rejection. `atPublishing` says that the target refused the rows when they were to be published. */
export function encodeRejections(
  part: Pick<Part, "jobId" | "partNo">,
  rejections: readonly Rejection[],
  { atPublishing = false }: { readonly atPublishing?: boolean } = {},
): Uint8Array {
  const lines = rejections.map((rejection) =>
    [
      part.jobId,
      part.partNo,
      rejection.record,
      rejection.line,
      rejection.byte,
      rejection.byteLength,
      escape(rejection.column),
      escape(rejection.value),
      rejection.code,
      escape(rejection.message),
      // bytea in hexadecimal; the backslash is doubled for COPY.
      `\\\\x${Buffer.from(rejection.raw.buffer, rejection.raw.byteOffset, rejection.raw.byteLength).toString("hex")}`,
      atPublishing,
    ].join("\t"),
  );
  return Buffer.from(`${lines.join("\n")}\n`);
}
