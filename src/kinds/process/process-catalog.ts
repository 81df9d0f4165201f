/**
 * Describes the processes of a folder. Every file is loaded in a process of its own: what it does while it loads, a loop or
 * worse, is done there. What is known of a file holds until it, or a file that it imports, has changed; of a broken file, until
 * anything in the folder has.
 */
import { readFile, stat } from "node:fs/promises";
import { SluiceError } from "../../core/errors.ts";
import type {
  BrokenProcess,
  ProcessCatalog,
  ProcessDescription,
} from "../../core/process-ports.ts";
import { openProcess, ProcessBroken, type UserCodeSetting } from "./open-process.ts";
import {
  findProcessFile,
  listProcessFiles,
  pathsBelow,
  type ProcessFile,
} from "./process-folder.ts";

const MIB = 1024 * 1024;
/** What a file may use while it is described. */
const MEMORY_BYTES = 512 * MIB;
/** Files that are described at a time. */
const AT_A_TIME = 2;

type Described =
  | { readonly kind: "described"; readonly description: ProcessDescription }
  | { readonly kind: "broken"; readonly error: ProcessBroken };

interface Known {
  readonly described: Promise<Described>;
  /** Paths that it depends on, and how they were before it was loaded. */
  stamps: ReadonlyMap<string, string>;
}

/** The catalog of a folder. Any number may ask at once. */
export function createProcessCatalog(setting: UserCodeSetting): ProcessCatalog {
  const known = new Map<string, Known>();

  async function describe(file: ProcessFile): Promise<Described> {
    const before = known.get(file.path);
    if (before !== undefined && (await isCurrent(before))) return before.described;
    const stamps = new Map([[file.path, await stampOf(file.path)]]);
    // Of those that ask at once the first describes it.
    const meanwhile = known.get(file.path);
    if (meanwhile !== before && meanwhile !== undefined) return meanwhile.described;
    const entry: Known = {
      stamps,
      described: load(file, setting).then(async ({ described, files }) => {
        const others = files.filter((path) => path !== file.path);
        const added = await Promise.all(
          others.map(async (path) => [path, await stampOf(path)] as const),
        );
        entry.stamps = new Map([...stamps, ...added]);
        return described;
      }),
    };
    known.set(file.path, entry);
    // What failed by the machine and not by the file is tried again.
    entry.described.catch(() => known.delete(file.path));
    return entry.described;
  }

  async function list(): ReturnType<ProcessCatalog["list"]> {
    const { files, broken: misnamed } = await listProcessFiles(setting.folder);
    const processes: ProcessDescription[] = [];
    const broken: BrokenProcess[] = [...misnamed];
    for (let at = 0; at < files.length; at += AT_A_TIME) {
      const group = files.slice(at, at + AT_A_TIME);
      const answers = await Promise.all(group.map(describe));
      for (const [index, answer] of answers.entries()) {
        const file = group[index];
        if (answer.kind === "described") processes.push(answer.description);
        else if (file !== undefined) broken.push(answer.error.of(file));
      }
    }
    return { processes: byName(processes), broken: byName(broken) };
  }

  async function get(name: string): Promise<ProcessDescription> {
    const answer = await describe(await findProcessFile(setting.folder, name));
    if (answer.kind === "broken") throw answer.error;
    return answer.description;
  }

  async function prepare(
    name: string,
    request: Parameters<ProcessCatalog["prepare"]>[1],
  ): ReturnType<ProcessCatalog["prepare"]> {
    const file = await findProcessFile(setting.folder, name);
    const opened = await openProcess(file, setting, MEMORY_BYTES);
    try {
      return { outputColumns: await opened.prepare(request) };
    } finally {
      opened.child.kill("stopped", "It has answered.");
      await opened.child.ended;
    }
  }

  return { list, get, prepare };
}

function byName<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return items.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function load(
  file: ProcessFile,
  setting: UserCodeSetting,
): Promise<{ readonly described: Described; readonly files: readonly string[] }> {
  try {
    const source = await sourceOf(file);
    const { child, facts } = await openProcess(file, setting, MEMORY_BYTES);
    child.kill("stopped", "It has answered.");
    await child.ended;
    const { name, title, description, params, batchSize, hasUndo, hasOutput } = facts;
    const shown = { name, title, description, params, batchSize, hasUndo, hasOutput };
    return {
      described: { kind: "described", description: { ...shown, fileName: file.fileName, source } },
      files: facts.files,
    };
  } catch (error) {
    if (!(error instanceof ProcessBroken)) throw error;
    return { described: { kind: "broken", error }, files: await pathsBelow(setting.folder) };
  }
}

async function sourceOf(file: ProcessFile): Promise<string> {
  try {
    return await readFile(file.path, "utf8");
  } catch (error) {
    throw new SluiceError("storage_failed", `The file ${file.path} cannot be read.`, {
      cause: error,
    });
  }
}

async function isCurrent(entry: Known): Promise<boolean> {
  for (const [path, stamp] of entry.stamps) if ((await stampOf(path)) !== stamp) return false;
  return true;
}

/** Changes whenever the file does. */
async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch {
    // Reading it will say what is wrong.
    return "absent";
  }
}
