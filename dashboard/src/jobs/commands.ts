/** A job as the command line and curl would ask for it. */
import type { Job } from "../api/types.ts";
import { shortNameOf } from "./figures.ts";

/** Quoted for a POSIX shell where it has to be. */
export function shellQuoted(text: string): string {
  return /^[\w.,=/:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `sluice import …` with the settings of the job. How the file was read is not among what a job tells of itself. */
export function cliCommand(job: Job): string {
  const flags = [
    ["--table", job.table],
    ["--mode", job.mode],
    ...(job.key === null ? [] : [["--key", job.key.join(",")]]),
    ...Object.entries(job.columns).map(([header, column]) => [
      "--map",
      `${header}=${column ?? ""}`,
    ]),
    ...Object.entries(job.types).map(([column, type]) => ["--types", `${column}=${type}`]),
    ...(job.maxRejected === null ? [] : [["--max-rejected", String(job.maxRejected)]]),
    ...(job.pauseAfter === null ? [] : [["--pause-after", String(job.pauseAfter)]]),
  ];
  const words = [
    "sluice",
    "import",
    shellQuoted(shortNameOf(job)),
    ...(job.delivery === "direct" ? ["--direct"] : []),
  ];
  return [
    ...words,
    ...flags.map(([flag = "", value = ""]) => `${flag} ${shellQuoted(value)}`),
  ].join(" ");
}

/** `curl …` that makes the same job of the same file. */
export function curlCommand(job: Job, origin: string, hasToken: boolean): string {
  const body = {
    kind: job.kind,
    file: job.file,
    table: job.table,
    mode: job.mode,
    columns: job.columns,
    types: job.types,
    ...(job.key === null ? {} : { key: job.key }),
    delivery: job.delivery,
    maxRejected: job.maxRejected,
    pauseAfter: job.pauseAfter,
  };
  return [
    `curl -X POST ${origin}/v1/jobs`,
    ...(hasToken ? [`-H "Authorization: Bearer $SLUICE_TOKEN"`] : []),
    "-H 'Content-Type: application/json'",
    `-d ${shellQuoted(JSON.stringify(body))}`,
  ].join(" \\\n  ");
}
