/** Carries out the Dockerfile without Docker: each stage is a folder, each instruction one step. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An image as it would start: where its root is, and how. */
export interface Image {
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: number;
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
}

interface Stage {
  readonly root: string;
  readonly environment: Record<string, string>;
  workdir: string;
  user: number;
  entrypoint: readonly string[];
  command: readonly string[];
  healthCheck: readonly string[];
}

/** The instructions of a Dockerfile in order, one line each. */
function readInstructions(text: string): readonly (readonly [name: string, rest: string])[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const space = line.indexOf(" ");
      return [line.slice(0, space), line.slice(space + 1).trim()] as const;
    });
}

/** Builds the last stage from the files of `context`. Throws with the output of a step that fails. */
export function buildImage(dockerfile: string, context: string, files: readonly string[]): Image {
  const stages = new Map<string, Stage>();
  let stage: Stage | null = null;
  for (const [name, rest] of readInstructions(readFileSync(dockerfile, "utf8"))) {
    if (name === "FROM") {
      stage = openStage();
      stages.set(/ AS (\w+)$/.exec(rest)?.[1] ?? "", stage);
    } else if (stage === null) throw new Error(`Expected FROM before ${name}.`);
    else carryOut(stage, name, rest, { stages, context, files });
  }
  if (stage === null) throw new Error("Expected a stage.");
  const { root, environment, user, entrypoint, command, healthCheck } = stage;
  const inRoot = (words: readonly string[]) => words.map((word) => placePaths(word, root));
  return {
    root,
    environment: Object.fromEntries(
      Object.entries(environment).map(([key, value]) => [key, placePaths(value, root)]),
    ),
    user,
    command: inRoot([...entrypoint, ...command]),
    healthCheck,
  };
}

function openStage(): Stage {
  const root = mkdtempSync(join(tmpdir(), "sluice-image-"));
  return {
    root,
    environment: {},
    workdir: root,
    user: 0,
    entrypoint: [],
    command: [],
    healthCheck: [],
  };
}

interface Build {
  readonly stages: ReadonlyMap<string, Stage>;
  readonly context: string;
  readonly files: readonly string[];
}

function carryOut(stage: Stage, name: string, rest: string, build: Build): void {
  switch (name) {
    case "WORKDIR":
      stage.workdir = join(stage.root, rest);
      mkdirSync(stage.workdir, { recursive: true });
      return;
    case "COPY":
      copyFiles(stage, rest, build);
      return;
    case "RUN":
      runStep(stage, rest);
      return;
    case "ENV": {
      const [key = "", value = ""] = rest.split("=");
      stage.environment[key] = value;
      return;
    }
    case "USER":
      stage.user = Number(rest);
      return;
    case "ENTRYPOINT":
      stage.entrypoint = wordsOf(rest);
      return;
    case "CMD":
      stage.command = wordsOf(rest);
      return;
    case "HEALTHCHECK":
      stage.healthCheck = wordsOf(rest.slice(rest.indexOf(" CMD ") + 5));
      return;
    case "VOLUME":
    case "EXPOSE":
      return; // Docker's own part: nothing to do in a folder.
    default:
      throw new Error(`The steps know no ${name}.`);
  }
}

function wordsOf(json: string): readonly string[] {
  return JSON.parse(json) as string[]; // the exec form of the Dockerfile
}

function copyFiles(stage: Stage, rest: string, { stages, context, files }: Build): void {
  const words = rest.split(" ");
  const from = words[0]?.startsWith("--from=") === true ? words.shift()?.slice(7) : undefined;
  const target = join(stage.workdir, words.pop() ?? "");
  const source = from === undefined ? context : stages.get(from)?.root;
  if (source === undefined) throw new Error(`There is no stage ${from}.`);
  for (const word of words) {
    const names = word === "." ? files : [word];
    for (const name of names) {
      const isInto = word === "." || rest.endsWith("./");
      const to = isInto
        ? join(target, word === "." ? name : (name.split("/").at(-1) ?? ""))
        : target;
      cpSync(join(source, name), to, { recursive: true, verbatimSymlinks: true });
    }
  }
}

/** Runs a shell line with the paths of the image moved into its folder. */
function runStep(stage: Stage, line: string): void {
  const isRoot = process.getuid?.() === 0;
  const placed = placePaths(isRoot ? line : line.replaceAll(/ -[og] \d+/g, ""), stage.root);
  const step = spawnSync("sh", ["-c", placed], {
    cwd: stage.workdir,
    encoding: "utf8",
    // What an earlier `npm ci` has fetched need not be fetched again.
    env: { ...process.env, ...stage.environment, npm_config_prefer_offline: "true" },
  });
  if (step.status !== 0) throw new Error(`RUN ${line}\n${step.stdout}${step.stderr}`);
}

function placePaths(text: string, root: string): string {
  return text.replaceAll(/(^|\s)\/(data|app)\b/g, `$1${root}/$2`);
}
