// Who loads: each loads a file into a table and says how long it took, in seconds, and the most memory it had.
import { fileURLToPath } from "node:url";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findPsql, runProgram, versionOf } from "./programs.mjs";
import { exportByService, importByCommand, importByRequest, importByService } from "./service.mjs";

const psql = findPsql();
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** What the contenders are made of, with versions, for the report. */
export function toolVersions() {
  return {
    "\\copy": psql === null ? "none: COPY through pg instead" : versionOf(psql),
    pgloader: pgloaderVersion() ?? "not installed",
  };
}

function pgloaderVersion() {
  return versionOf("pgloader");
}

/** Statements, each in a transaction of its own, and `\copy` of the file: with psql, else the same through pg. */
async function copyFile({ url, data, table }, { after = [], options = "csv, header", path } = {}) {
  const file = path ?? data.path;
  if (psql === null) {
    if (options !== "csv, header" || after.length > 0) return null;
    return runProgram(process.execPath, [here("copy-file.mjs"), url, table, file]);
  }
  const commands = [`\\copy ${table} from '${file}' with (format ${options})`, ...after];
  const args = [
    url,
    "-X",
    "-q",
    "-v",
    "ON_ERROR_STOP=1",
    ...commands.flatMap((text) => ["-c", text]),
  ];
  return runProgram(psql, args);
}

/** `psql \copy`, one transaction. */
export const psqlCopy = {
  name: "psql \\copy",
  needsTable: true,
  load: (scene) => copyFile(scene),
};

/** `psql \copy`, then the primary key. */
export const psqlCopyThenKey = {
  name: "psql \\copy, then add primary key",
  needsTable: true,
  isOffered: psql !== null,
  load: (scene) => copyFile(scene, { after: [`alter table ${scene.table} add primary key (id)`] }),
};

/** `psql \copy` of the same rows in binary, written before: what the server alone needs. */
export const psqlBinary = {
  name: "psql \\copy of a binary file made before",
  needsTable: true,
  isOffered: psql !== null,
  load: async (scene) => {
    const path = `${scene.data.path}.binary`;
    scene.data.binaryPath ??= await writeBinary(scene, path);
    return copyFile(scene, { options: "binary", path });
  },
};

async function writeBinary({ url, data, table, client }, path) {
  await copyFile({ url, data, table });
  await runProgram(psql, [
    url,
    "-X",
    "-q",
    "-c",
    `\\copy ${table} to '${path}' with (format binary)`,
  ]);
  await client.query(`truncate ${table}`);
  return path;
}

/** Sluice through a running service, from the first byte of the upload to `succeeded`. */
export function sluice(name, request) {
  return {
    name,
    needsTable: request.mode === "append",
    load: ({ service, data, table }) =>
      importByService(service, data, {
        table,
        ...request,
        ...(request.mode === "append" ? {} : { types: data.columns }),
      }),
  };
}

/** Sluice in one request, which imports while the file arrives and finds the types out. */
export const sluiceRequest = {
  name: "Sluice, PUT /v1/import",
  needsTable: false,
  load: ({ service, data, table }) => importByRequest(service, data, table),
};

/** `sluice import` from a cold start. */
export const sluiceCold = {
  name: "sluice import, cold",
  needsTable: false,
  needsNoService: true,
  load: ({ folder, url, data, table }) => {
    const types = Object.entries(data.columns).map(([column, type]) => `${column}=${type}`);
    return importByCommand(folder, url, data, ["--table", table, "--types", types.join(",")]);
  },
};

/** `psql \copy … to`, in the order of the key. */
export const psqlCopyOut = {
  name: "psql \\copy to",
  needsTable: true,
  isOffered: psql !== null,
  load: async ({ url, table, folder }) => {
    const path = join(folder, "exported.csv");
    const query = `(select * from ${table} order by id)`;
    const command = `\\copy ${query} to '${path}' with (format csv, header)`;
    return { ...(await runProgram(psql, [url, "-X", "-q", "-c", command])), path };
  },
};

/** Sluice through a running service, from the request to the last byte of the download. */
export const sluiceExport = {
  name: "Sluice",
  needsTable: true,
  load: ({ service, table, folder }) =>
    exportByService(service, table, join(folder, "exported.csv")),
};

/** csv-parse and multi-row INSERT. */
export const csvParse = {
  name: "csv-parse + INSERT of 1,000 rows",
  needsTable: true,
  load: ({ url, data, table }) =>
    runProgram(process.execPath, [here("csv-parse-insert.mjs"), url, table, data.path]),
};

/** pgloader, where it is installed. */
export const pgloader = {
  name: "pgloader",
  needsTable: true,
  isOffered: pgloaderVersion() !== null,
  load: ({ url, data, table, folder }) => {
    const script = join(folder, "pgloader.load");
    writeFileSync(
      script,
      `load csv from '${data.path}' having fields (${Object.keys(data.columns).join(", ")})
into ${pgloaderUrl(url)}?tablename=public.${table}
with skip header = 1, fields optionally enclosed by '"', fields escaped by double-quote, fields terminated by ',';\n`,
    );
    return runProgram("pgloader", ["--on-error-stop", script], { cwd: folder });
  },
};

/** A URL with a socket folder, as pgloader writes it. */
function pgloaderUrl(url) {
  const at = new URL(url);
  const host = at.searchParams.get("host") ?? decodeURIComponent(at.hostname);
  if (!host.startsWith("/")) return at.href;
  const user = at.username === "" ? "" : `${at.username}@`;
  return `postgresql://${user}unix:${host}:${at.searchParams.get("port") ?? at.port ?? 5432}${at.pathname}`;
}
