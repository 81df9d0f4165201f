/** What a result file looks like: what was asked for, with the defaults, which lose nothing. */
import type { Compression, ExportFormat, ExportType } from "../../core/export-plan.ts";
import type { CanCompress, FormatRequest } from "../../core/export-request.ts";
import { invalidRequest } from "../../csv/invalid-request.ts";

const ENDINGS: Readonly<Record<ExportType, string>> = { csv: ".csv", tsv: ".tsv", jsonl: ".jsonl" };
const PACKED_ENDINGS: Readonly<Record<Compression, string>> = {
  none: "",
  gzip: ".gz",
  zstd: ".zst",
};
const OF_FIELDS = ["delimiter", "quotes", "null", "header", "spreadsheetSafe"] as const;

/** Errors: `invalid_request` for what contradicts itself, and for a packing that this Node cannot write. */
export function decideFormat(request: FormatRequest, canCompress: CanCompress): ExportFormat {
  const type = request.type ?? "csv";
  if (type === "jsonl") refuseFields(request);
  const delimiter = request.delimiter ?? (type === "tsv" ? "\t" : ",");
  const nullWord = request.null ?? "";
  if (/["\r\n]/.test(delimiter))
    throw invalidRequest(
      "format.delimiter",
      "Expected a delimiter that is neither a quote nor a line end.",
    );
  if (/["\r\n]/.test(nullWord) || nullWord.includes(delimiter))
    throw invalidRequest(
      "format.null",
      `Expected a word without quotes, line ends and the delimiter, got ${JSON.stringify(nullWord)}.`,
    );
  return {
    type,
    delimiter,
    quotes: request.quotes ?? "needed",
    nullWord,
    hasHeader: request.header ?? true,
    lineEnd: request.lineEnd ?? "lf",
    compression: compressionOf(request, canCompress),
    isSpreadsheetSafe: request.spreadsheetSafe ?? false,
  };
}

/** The ending of the file's name, such as `.csv.gz`. */
export function endingOf({ type, compression }: ExportFormat): string {
  return `${ENDINGS[type]}${PACKED_ENDINGS[compression]}`;
}

function refuseFields(request: FormatRequest): void {
  const given = OF_FIELDS.find((field) => request[field] !== undefined);
  if (given === undefined) return;
  throw invalidRequest(
    `format.${given}`,
    `Expected no ${given} for jsonl, whose lines are JSON objects. Leave it out, or choose csv or tsv.`,
  );
}

function compressionOf(
  { gzip = false, zstd = false }: FormatRequest,
  canCompress: CanCompress,
): Compression {
  if (gzip && zstd)
    throw invalidRequest("format.zstd", "Expected gzip or zstd, got both. Leave one out.");
  const compression = gzip ? "gzip" : zstd ? "zstd" : "none";
  if (canCompress(compression)) return compression;
  throw invalidRequest(
    "format.zstd",
    `This Node (${process.version}) cannot write zstd; 22.15 and later can. Choose gzip.`,
  );
}
