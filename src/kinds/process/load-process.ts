/**
 * Loads the file of a process: TypeScript or JavaScript, as it lies there, without a build step.
 *
 * `sluice` is this package itself, wherever the file lies. Other modules are those of the file's own folder; `zod` comes
 * from this package when the folder has none. Lines of the source are kept, so that stacks name them.
 */
import { createRequire } from "node:module";
import { basename, dirname, extname, sep } from "node:path";
import { createJiti } from "jiti";
import { isProcess } from "../../library/define-process.ts";
import type { Process } from "../../library/process.ts";
import { missingImportLine, placeText, thrownMessage, thrownPlace } from "./thrown.ts";

/** A file that does not load, or holds no process. The message begins with the place where one is known. */
export class BrokenFile extends Error {
  readonly line: number | null;

  constructor(message: string, line: number | null) {
    super(message);
    this.line = line;
  }
}

/** A process and the files that it is made of. */
export interface LoadedProcess {
  readonly process: Process;
  /** Paths of the file and of what it imports, packages not counted. */
  readonly files: readonly string[];
}

/** Loads a file; `library` is what it gets for `sluice`. Errors: `BrokenFile`. */
export async function loadProcess(path: string, library: object): Promise<LoadedProcess> {
  const require = createRequire(path);
  const before = new Set(Object.keys(require.cache));
  let loaded: unknown;
  try {
    loaded = await createJiti(path, {
      fsCache: false,
      interopDefault: false,
      virtualModules: modulesOf(require, library),
    }).import(path);
  } catch (error) {
    throw brokenFile(error, path);
  }
  const made = isModule(loaded) ? loaded["default"] : undefined;
  const name = basename(path, extname(path));
  if (!isProcess(made))
    throw new BrokenFile(
      `${basename(path)}: Expected the file to export a process by default: \`export default defineProcess({ name: "${name}", … })\`.`,
      null,
    );
  if (made.name !== name)
    throw new BrokenFile(
      `${basename(path)}: Expected the process to have the name of its file, "${name}", got "${made.name}". Rename one of them.`,
      null,
    );
  const files = Object.keys(require.cache).filter(
    (file) => !before.has(file) && !file.includes(`${sep}node_modules${sep}`),
  );
  return { process: made, files: files.includes(path) ? files : [path, ...files] };
}

function modulesOf(require: NodeJS.Require, library: object): Record<string, unknown> {
  const modules = { sluice: library };
  try {
    require.resolve("zod");
  } catch {
    // The folder has no zod of its own. Ours is loaded when it is asked for.
    const own = createRequire(import.meta.url);
    Object.defineProperty(modules, "zod", { enumerable: true, get: () => own("zod") as unknown });
  }
  return modules;
}

function isModule(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** What is wrong with a file that threw while it was loaded. */
function brokenFile(error: unknown, path: string): BrokenFile {
  const folder = dirname(path);
  const syntax = syntaxFault(error, folder);
  if (syntax !== null) return syntax;
  const line = missingImportLine(error, path);
  const place = line === null ? thrownPlace(error, folder) : { file: basename(path), line };
  return new BrokenFile(
    `${placeText(place) ?? basename(path)}: ${thrownMessage(error)}`,
    place?.file === basename(path) ? place.line : null,
  );
}

/** The parser says place and path at the end of its message: `Unexpected token\n /processes/a.ts:4:7`. */
function syntaxFault(error: unknown, folder: string): BrokenFile | null {
  if (!(error instanceof Error)) return null;
  const match = /^ParseError: (?<said>[^]*?)\s*\n\s*(?<path>[^\n]+):(?<line>\d+):\d+\s*$/.exec(
    error.message,
  );
  const { said = "", path = "", line = "" } = match?.groups ?? {};
  if (match === null) return null;
  const file = path.startsWith(`${folder}${sep}`) ? path.slice(folder.length + 1) : path;
  return new BrokenFile(`${file} line ${line}: ${said.trim()}`, Number(line));
}
