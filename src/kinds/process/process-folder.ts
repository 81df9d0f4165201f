/** The folder of processes: which of its files are processes, and where the one of a name is. */
import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { SluiceError } from "../../core/errors.ts";
import type { BrokenProcess } from "../../core/process-ports.ts";
import { PROCESS_NAME } from "../../library/define-process.ts";

const ENDINGS = [".ts", ".mts", ".js", ".mjs"];

/** A file that holds a process, by its name. */
export interface ProcessFile {
  readonly name: string;
  readonly fileName: string;
  readonly path: string;
}

/**
 * The files of the folder, by name; those that cannot be processes by their names apart. Files in folders below it,
 * declarations, tests, and files whose names begin with `.` or `_` are the author's own and not listed. An absent folder
 * has none. Errors: `storage_failed`.
 */
export async function listProcessFiles(folder: string): Promise<{
  readonly files: readonly ProcessFile[];
  readonly broken: readonly BrokenProcess[];
}> {
  const files = new Map<string, ProcessFile>();
  const broken: BrokenProcess[] = [];
  for (const fileName of await fileNames(folder)) {
    const name = fileName.slice(0, -extname(fileName).length);
    const first = files.get(name);
    const fault =
      first !== undefined
        ? `${fileName}: ${first.fileName} has the same name. Rename or remove one of them.`
        : PROCESS_NAME.test(name)
          ? null
          : `${fileName}: Expected the name of a process to be lower-case letters, digits and \`-\`, got "${name}". Rename the file; a file that is no process may begin with \`_\`.`;
    if (fault === null) files.set(name, { name, fileName, path: join(folder, fileName) });
    else broken.push({ fileName, name, message: fault, line: null });
  }
  return { files: [...files.values()], broken };
}

/** The file of a process. Errors: `process_not_found`, which names what there is; `process_broken` for two of its name. */
export async function findProcessFile(folder: string, name: string): Promise<ProcessFile> {
  const { files, broken } = await listProcessFiles(folder);
  const double = broken.find((file) => file.name === name);
  if (double !== undefined) throw new SluiceError("process_broken", double.message);
  const found = files.find((file) => file.name === name);
  if (found !== undefined) return found;
  const there =
    files.length === 0
      ? `There are none in ${folder}`
      : `There is ${files.map((file) => file.name).join(", ")}`;
  throw new SluiceError(
    "process_not_found",
    `Expected the name of a process, got "${name}". ${there}.`,
    {
      details: { processes: files.map((file) => file.name) },
    },
  );
}

/** The folder with all folders and files below it, without packages and hidden ones; the first 2,000 of them. */
export async function pathsBelow(folder: string): Promise<readonly string[]> {
  const paths = [folder];
  // Grows while it is walked.
  for (const at of paths) {
    if (paths.length > 2_000) break;
    for (const entry of await readdir(at, { withFileTypes: true }).catch(() => []))
      if (entry.name !== "node_modules" && !entry.name.startsWith("."))
        paths.push(join(at, entry.name));
  }
  return paths;
}

async function fileNames(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && isCandidate(entry.name))
      .map((entry) => entry.name)
      .toSorted((a, b) => order(a) - order(b) || (a < b ? -1 : 1));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new SluiceError("storage_failed", `The folder of processes ${folder} cannot be read.`, {
      cause: error,
    });
  }
}

function isCandidate(fileName: string): boolean {
  return (
    ENDINGS.includes(extname(fileName)) &&
    !/^[._]/.test(fileName) &&
    !/\.(?:d|test|spec)\.[a-z]+$/.test(fileName)
  );
}

function order(fileName: string): number {
  return ENDINGS.indexOf(extname(fileName));
}
