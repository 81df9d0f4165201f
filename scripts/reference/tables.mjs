// The tables of the reference, each made from the one table in the code. Every function returns markdown.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MAY_IMPORT, OWNERS } from "../layers.mjs";
import { code, codes, requireSame, sentence, table } from "./markdown.mjs";
import { ERROR_CAUSES, EVENT_NOTES, REJECTION_CAUSES } from "./notes.mjs";

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
  return Object.entries(flags).map(([name, rule]) => [
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
