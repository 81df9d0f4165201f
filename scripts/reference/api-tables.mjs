// The tables of the reference that are about HTTP: figures, the stream, the flat API, routes and their bodies. Every
// function returns markdown.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { code, codes, requireSame, sentence, table } from "./markdown.mjs";
import { FIELD_NOTES, STREAM_NOTES } from "./notes.mjs";

/** Figures of `/metrics`. */
export function metricsTable({ METRICS }) {
  return table(
    ["Name", "Type", "Labels", "Says"],
    Object.entries(METRICS).map(([name, { type, labels, help }]) => [
      code(name),
      type,
      codes(labels) || "–",
      help,
    ]),
  );
}

/** Messages that only the stream has. */
export function streamTable(root) {
  const source = readFileSync(join(root, "src/api/v1/event-stream.ts"), "utf8");
  const names = [...source.matchAll(/#message\("([a-z.]+)"/g)].map((match) => match[1]);
  requireSame("STREAM_NOTES", [...new Set(names)], Object.keys(STREAM_NOTES));
  return table(
    ["Type", "Data"],
    Object.entries(STREAM_NOTES).map(([name, note]) => [code(name), note]),
  );
}

/** A job at a record, as far as the sentences look. */
function at(read, bytesRead) {
  return { state: "running", progress: { read, bytesRead, bytesTotal: 10_000 } };
}

/** The sentences of the flat API, from the functions that make them. */
export function flatTable({ FLAT_TEXTS: fixed, FLAT_PROGRESS_TEXTS: moving }) {
  const rows = [
    ["`GET /status`", "none active", 200, fixed.inactive],
    ["`GET /status`", "running", 200, moving.running(at(365, 46))],
    ["`GET /status`", "paused", 200, moving.paused(at(365, 46))],
    ["`POST /create`", "none active", 201, fixed.started],
    ["`POST /create`", "one active", 403, fixed.busy],
    ["`POST /create`", "no file, or another key", 403, fixed.fileMissing],
    ["`/pause`", "running", 200, moving.justPaused(at(903, 113))],
    ["`/pause`", "paused", 403, fixed.alreadyPaused],
    ["`/resume`", "paused", 200, moving.justResumed(at(903, 113))],
    ["`/resume`", "running", 403, fixed.alreadyRunning],
    ["`/stop`", "running or paused", 200, moving.stopped(at(1380, 173))],
    ["`/pause`, `/resume`, `/stop`", "none active", 403, fixed.inactive],
  ];
  const shown = rows.map((row) => row[3]);
  const missing = Object.values(fixed).filter((text) => !shown.includes(text));
  if (missing.length > 0 || Object.keys(moving).length !== 5)
    throw new Error("The table of the flat API lacks a sentence.");
  return table(
    ["Call", "When", "Status", "`Details`"],
    rows.map(([call, when, status, text]) => [call, when, status, code(text)]),
  );
}

const METHODS = ["get", "head", "post", "put", "patch", "delete", "options"];

/** The routes of the OpenAPI document but those of the flat API, by their tag. */
export function routesText(document, { ROUTE_SCOPES }) {
  const routes = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => ({ method, path, ...item[method] })),
  );
  const tags = [...new Set(routes.map((route) => route.tags[0]))].filter(
    (tag) => tag !== "Flat API",
  );
  return tags
    .map((tag) => {
      const rows = routes
        .filter((route) => route.tags[0] === tag)
        .map(({ method, path, summary, parameters = [], responses }) => [
          code(`${method.toUpperCase()} ${path}`),
          sentence(summary),
          ROUTE_SCOPES[`${method.toUpperCase()} ${path}`] ?? "–",
          codes(parameters.filter((each) => each.in !== "path").map((each) => each.name)) || "–",
          Object.keys(responses).join(" "),
        ]);
      return `### ${tag}\n\n${table(["Route", "Does", "Scope", "Query and headers", "Answers"], rows)}`;
    })
    .join("\n\n");
}

/** The fields of a body that creates a job. */
export function fieldsTable(document, name) {
  const { properties, required = [] } = document.components.schemas[name];
  const notes = FIELD_NOTES[name];
  const silent = Object.keys(properties).filter((field) => !properties[field].description);
  requireSame("FIELD_NOTES", silent, Object.keys(notes));
  return table(
    ["Field", "Type", "Meaning"],
    Object.entries(properties).map(([field, schema]) => [
      `${code(field)}${required.includes(field) ? ", required" : ""}`,
      typeOf(schema),
      schema.description ?? notes[field],
    ]),
  );
}

function typeOf(schema) {
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.enum) return schema.enum.map((value) => code(value)).join(" or ");
  if (schema.type === "object") return "object";
  return [schema.type ?? "any"].flat().join(" or ");
}
