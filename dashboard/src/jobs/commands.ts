/** A job as the command line and curl would ask for it. */
import type { ExportJob, ImportJob, Job, ProcessJob } from "../api/types.ts";
import { draftOfExport, exportRequestOf } from "../exports/draft.ts";
import { isSecretName } from "../processes/params.ts";
import { shortNameOf } from "./figures.ts";

/** Quoted for a POSIX shell where it has to be. */
export function shellQuoted(text: string): string {
  return /^[\w.,=/:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The command with the settings of the job. How a file was read is not among what an import tells of itself. */
export function cliCommand(job: Job): string {
  switch (job.kind) {
    case "import":
      return importCommand(job);
    case "export":
      return exportCommand(job);
    case "process":
      return processCommand(job);
    default:
      return job satisfies never;
  }
}

type Flag = readonly [name: string, value: string];

function commandOf(words: readonly string[], flags: readonly Flag[]): string {
  return [...words, ...flags.map(([name, value]) => `${name} ${shellQuoted(value)}`)].join(" ");
}

function speedFlag({ maxRecordsPerSecond: limit }: Job): readonly Flag[] {
  return limit === null ? [] : [["--speed", `${limit}/s`]];
}

function importCommand(job: ImportJob): string {
  const words = ["sluice", "import", shellQuoted(shortNameOf(job))];
  return commandOf(job.delivery === "direct" ? [...words, "--direct"] : words, [
    ["--table", job.table],
    ["--mode", job.mode],
    ...(job.key === null ? [] : [["--key", job.key.join(",")] as const]),
    ...(job.onConflict === "skip" ? [["--on-conflict", "skip"] as const] : []),
    ...Object.entries(job.columns).map(
      ([header, column]) => ["--map", `${header}=${column ?? ""}`] as const,
    ),
    ...Object.entries(job.types).map(([column, type]) => ["--types", `${column}=${type}`] as const),
    ...(job.maxRejected === null ? [] : [["--max-rejected", String(job.maxRejected)] as const]),
    ...(job.pauseAfter === null ? [] : [["--pause-after", String(job.pauseAfter)] as const]),
    ...speedFlag(job),
  ]);
}

function exportCommand(job: ExportJob): string {
  const { table, sql, columns, from, to, where, orderBy, method, format } =
    exportRequestOf(draftOfExport(job)) ?? {};
  const { type, delimiter, quotes, null: word, header, lineEnd, ...switches } = format ?? {};
  const flags: readonly (readonly [string, string | undefined])[] = [
    ["--sql", sql],
    ["--columns", columns?.join(",")],
    ["--from", from && `${from.column}=${from.value}`],
    ["--to", to && `${to.column}=${to.value}`],
    ["--where", where],
    ["--order-by", orderBy?.join(",")],
    ["--method", method],
    ["--format", type],
    ["--delimiter", delimiter],
    ["--quotes", quotes],
    ["--null", word],
    ["-o", job.fileName],
  ];
  return commandOf(
    [
      "sluice",
      "export",
      ...(table === undefined ? [] : [shellQuoted(table)]),
      ...(header === false ? ["--no-header"] : []),
      ...(lineEnd === "crlf" ? ["--crlf"] : []),
      ...(switches.gzip === true ? ["--gzip"] : []),
      ...(switches.zstd === true ? ["--zstd"] : []),
      ...(switches.spreadsheetSafe === true ? ["--spreadsheet-safe"] : []),
    ],
    [
      ...flags.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
      ...speedFlag(job),
    ],
  );
}

/** What nobody is to see stands for itself. */
const HIDDEN = "…";

function shownParams(job: ProcessJob): readonly (readonly [name: string, value: unknown])[] {
  return Object.entries(job.params).map(([name, value]) => [
    name,
    isSecretName(name) ? HIDDEN : value,
  ]);
}

function processCommand(job: ProcessJob): string {
  return commandOf(
    ["sluice", "run", shellQuoted(job.process), shellQuoted(shortNameOf(job))],
    [
      ...shownParams(job).map(
        ([name, value]) =>
          [
            "--param",
            `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
          ] as const,
      ),
      ...(job.maxRejected === null ? [] : [["--max-rejected", String(job.maxRejected)] as const]),
      ...(job.pauseAfter === null ? [] : [["--pause-after", String(job.pauseAfter)] as const]),
      ...speedFlag(job),
    ],
  );
}

function speedField({ maxRecordsPerSecond }: Job): object {
  return maxRecordsPerSecond === null ? {} : { maxRecordsPerSecond };
}

function requestOf(job: Job): object {
  switch (job.kind) {
    case "import":
      return {
        kind: job.kind,
        file: job.file,
        table: job.table,
        mode: job.mode,
        columns: job.columns,
        types: job.types,
        ...(job.key === null ? {} : { key: job.key }),
        delivery: job.delivery,
        onConflict: job.onConflict,
        maxRejected: job.maxRejected,
        pauseAfter: job.pauseAfter,
        ...speedField(job),
      };
    case "export":
      return { kind: job.kind, ...exportRequestOf(draftOfExport(job)), ...speedField(job) };
    case "process":
      return {
        kind: job.kind,
        process: job.process,
        file: job.file,
        params: Object.fromEntries(shownParams(job)),
        maxRejected: job.maxRejected,
        pauseAfter: job.pauseAfter,
        ...speedField(job),
      };
    default:
      return job satisfies never;
  }
}

/** `curl …` that makes the same job, of the same file or table. */
export function curlCommand(job: Job, origin: string, hasToken: boolean): string {
  return [
    `curl -X POST ${origin}/v1/jobs`,
    ...(hasToken ? [`-H "Authorization: Bearer $SLUICE_TOKEN"`] : []),
    "-H 'Content-Type: application/json'",
    `-d ${shellQuoted(JSON.stringify(requestOf(job)))}`,
  ].join(" \\\n  ");
}
