// The tables of the reference, each made from the one table in the code. Every function returns markdown.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MAY_IMPORT, OWNERS } from "../layers.mjs";
import {
  ERROR_CAUSES,
  EVENT_NOTES,
  FIELD_NOTES,
  REJECTION_CAUSES,
  STREAM_NOTES,
} from "./notes.mjs";

const HOLDS = {
  core: "domain types, states, errors, the job's plan, ports; pure: no I/O, no clock, no random",
  csv: "bytes to records to checked values; dialect, encoding, type inference",
  library: "`defineProcess` and its types: what authors of processes import",
  engine: "job service, control, supervisor, lanes, what a runner does with a part",
  kinds:
    "`import/`: planning an import, reading a part in chunks; `export/`: planning an export; `process/`: running user code",
  store: "PostgreSQL: migrations, the statements, the chunk message, pg-boss",
  postgres: "starter of the private PostgreSQL, locks on folders",
  files: "the folder of uploads and results, unfinished exports",
  api: "HTTP app: schemas, `/v1`, flat API, uploads, problem details, events, docs page",
  webhooks: "what is sent to webhooks: signature, addresses that are refused",
  config: "flags, environment and file to one Config; alone in reading `process.env`",
  client: "`SluiceClient` over the types of the API",
  cli: "the command line, one file a command",
  testing: "`testProcess`: the engine over a database of its own, with crashes; a composition root",
};

/** A markdown table; a cell may hold anything but a line end. */
function table(header, rows) {
  return [tableLine(header), tableLine(header.map(() => "---")), ...rows.map(tableLine)].join("\n");
}

function tableLine(cells) {
  return `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
}

const code = (text) => `\`${text}\``;
const codes = (names) => names.map(code).join(", ");
const sentence = (text) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

/** Fails unless both have the same keys. */
function requireSame(what, inCode, inNotes) {
  const missing = inCode.filter((name) => !inNotes.includes(name));
  const extra = inNotes.filter((name) => !inCode.includes(name));
  if (missing.length + extra.length > 0)
    throw new Error(
      `scripts/reference/notes.mjs, ${what}: missing ${missing.join(", ") || "none"}; not in the code ${extra.join(", ") || "none"}.`,
    );
}

/** The packages that `folder` may import and most others may not. */
function packagesOf(folder) {
  return Object.keys(OWNERS).filter((name) => OWNERS[name].includes(folder));
}

/** The layers of `src`. */
export function layersTable() {
  requireSame("layers", Object.keys(MAY_IMPORT), Object.keys(HOLDS));
  return table(
    ["Folder", "Holds", "May import", "Alone in importing"],
    Object.entries(MAY_IMPORT).map(([folder, others]) => [
      code(`src/${folder}`),
      HOLDS[folder],
      codes(others) || "only itself",
      codes(packagesOf(folder)) || "–",
    ]),
  );
}

/** Error codes. */
export function errorsTable({ ERRORS }) {
  requireSame("ERROR_CAUSES", Object.keys(ERRORS), Object.keys(ERROR_CAUSES));
  return table(
    ["Code", "HTTP", "Meaning", "Cause", "Remedy"],
    Object.entries(ERRORS).map(([name, { status, title, advice, isRetryable }]) => [
      code(name),
      isRetryable ? `${status}, may be repeated` : status,
      title,
      ERROR_CAUSES[name],
      advice,
    ]),
  );
}

/** Rejection codes. */
export function rejectionsTable({ REJECTION_CODES }) {
  requireSame("REJECTION_CAUSES", Object.keys(REJECTION_CODES), Object.keys(REJECTION_CAUSES));
  return table(
    ["Code", "Meaning", "Typical cause"],
    Object.entries(REJECTION_CODES).map(([name, meaning]) => [
      code(name),
      sentence(meaning),
      REJECTION_CAUSES[name],
    ]),
  );
}

/** Settings. */
export function settingsTable({ PUBLIC_SETTING_KEYS, settingOf }) {
  return table(
    ["Key", "Environment", "Flag", "Expected", "Default", "Meaning"],
    PUBLIC_SETTING_KEYS.map((key) => {
      const { environment, flag, expected, fallbackText, description, noEffectYet } =
        settingOf(key);
      return [
        code(key),
        code(environment),
        flag === null ? "–" : code(`--${flag}`),
        expected,
        fallbackText,
        noEffectYet === undefined ? description : `${description}. No effect yet: ${noEffectYet}`,
      ];
    }),
  );
}

/** States with their sentence and what may be asked in each. */
export function statesTable({ JOB_STATES, allowedActions, isActive }) {
  return table(
    ["State", "Meaning", "Over", "Possible actions"],
    Object.entries(JOB_STATES).map(([state, meaning]) => [
      code(state),
      sentence(meaning),
      isActive(state) ? "no" : "yes",
      codes(allowedActions({ state, phase: null })) || "none",
    ]),
  );
}

/** Edges. */
export function edgesTable({ JOB_EDGES }) {
  return table(
    ["From", "To", "When"],
    JOB_EDGES.map(({ from, to, when }) => [codes(from), code(to), sentence(when)]),
  );
}

/** Actions. */
export function actionsTable({ ACTION_RULES }) {
  return table(
    ["Action", "From", "Already so in", "Ends in"],
    Object.entries(ACTION_RULES).map(([action, { from, already, to }]) => [
      code(action),
      codes(from),
      codes(already) || "–",
      to === null ? "another job; this one stays" : code(to),
    ]),
  );
}

/** The states as a diagram. */
export function statesDiagram({ JOB_EDGES }) {
  const lines = JOB_EDGES.flatMap(({ from, to }) => from.map((state) => `  ${state} --> ${to}`));
  return [
    "```mermaid",
    "stateDiagram-v2",
    "  [*] --> queued",
    "  [*] --> paused",
    ...lines,
    "```",
  ].join("\n");
}

function flagRows(flags) {
  return Object.entries(flags)
    .filter(([, rule]) => rule.isLater !== true)
    .map(([name, rule]) => [
      `${rule.short === undefined ? "" : `${code(`-${rule.short}`)}, `}${code(`--${name}${rule.value === undefined ? "" : ` ${rule.value}`}`)}`,
      rule.description + (rule.isRepeatable ? "; may be repeated" : ""),
    ]);
}

/** Flags of every command. */
export function globalFlagsTable({ GLOBAL_FLAGS }) {
  return table(["Flag", "Meaning"], flagRows(GLOBAL_FLAGS));
}

/** Every command with its flags. */
export function commandsText({ COMMANDS }) {
  return COMMANDS.map((command) => {
    const rows = flagRows(command.flags);
    const notes = command.notes?.filter((line) => line !== "") ?? [];
    const shell = notes.filter((line) => line.startsWith("  ")).map((line) => line.trim());
    return [
      `### ${code(`sluice ${command.name} ${command.usage}`.trimEnd())}`,
      sentence(command.summary),
      ...(rows.length === 0 ? [] : [table(["Flag", "Meaning"], rows)]),
      ...notes.filter((line) => !line.startsWith("  ")),
      ...(shell.length === 0 ? [] : ["```\n" + shell.join("\n") + "\n```"]),
    ].join("\n\n");
  }).join("\n\n");
}

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

/** Exit codes; the meanings are the comments of the enum, read from its source. */
export function exitCodesTable({ EXIT }, root) {
  const source = readFileSync(join(root, "src/cli/exit-codes.ts"), "utf8");
  const rows = Object.entries(EXIT).map(([name, number]) => {
    const meaning = new RegExp(`/\\*\\* (.*) \\*/\\s+${name}: ${number},`).exec(source)?.[1];
    if (meaning === undefined) throw new Error(`The exit code ${name} has no comment.`);
    return [number, meaning];
  });
  return table(["Exit code", "Meaning"], rows);
}

/** Event types that the database stores: literals of the store, and the states that the trigger logs. */
function storedEvents({ JOB_STATE_NAMES }, root) {
  const folder = join(root, "src/store");
  const sources = readdirSync(folder, { recursive: true })
    .filter((name) => /\.(ts|sql)$/.test(name) && !name.endsWith(".test.ts"))
    .map((name) => readFileSync(join(folder, name), "utf8"));
  const literals = sources.flatMap((text) =>
    [...text.matchAll(/['"](job\.[a-z_]+)['"]/g)].map((match) => match[1]),
  );
  const silent = sources
    .map(
      (text) => /if new\.state not in \(([^)]*)\) then\s+insert into sluice\.event/.exec(text)?.[1],
    )
    .find((list) => list !== undefined);
  if (silent === undefined) throw new Error("The trigger job_changes is not as expected.");
  const logged = JOB_STATE_NAMES.filter((state) => !silent.includes(`'${state}'`));
  return [...new Set([...literals, ...logged.map((state) => `job.${state}`)])];
}

/** Stored events. */
export function eventsTable(code_, root) {
  const names = storedEvents(code_, root);
  requireSame("EVENT_NOTES", names, Object.keys(EVENT_NOTES));
  return table(
    ["Type", "What happened"],
    Object.entries(EVENT_NOTES).map(([name, note]) => [code(name), note]),
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
