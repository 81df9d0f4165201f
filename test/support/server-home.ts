/** A folder with private servers, and processes that use them, for one test. */
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startChild, type CompiledChild, type CompiledSource } from "./compiled-child.ts";

/** The user that root starts a server as. */
export const NOBODY = 65_534;
export const isRoot = process.geteuid?.() === 0;
export const isLinux = process.platform === "linux";

/** A folder of a test's own. */
export interface ServerHome {
  readonly home: string;
  /** The SLUICE_DIR in it, which does not exist yet. */
  readonly dir: string;
  /** Removes it, kills what still works in it, and returns the pids of that. */
  remove(): readonly number[];
}

export function makeServerHome(): ServerHome {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "sluice-server-")));
  return {
    home,
    dir: join(home, ".sluice"),
    remove() {
      const left = isLinux ? listProcesses(home) : [];
      for (const pid of left) killIfThere(pid);
      rmSync(home, { recursive: true, force: true, maxRetries: 10 });
      return left;
    },
  };
}

/** It may have ended since it was listed. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Every process that works in a folder below `folder`. */
function listProcesses(folder: string): readonly number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(`${folder}/`);
      } catch {
        return false;
      }
    });
}

/** The pid of the server of `dir`. */
export function postmasterPid(dir: string): number {
  return Number.parseInt(readFileSync(join(dir, "pg/postmaster.pid"), "utf8"), 10);
}

/** The first cell of what a statement returns. */
export async function ask(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: statement, rowMode: "array" });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}

const SCRIPT = `
  const { startPrivateServer } = await import(source + "postgres/private-server.js");
  try {
    const server = await startPrivateServer({ dir: process.argv[1] });
    const { url, version, wasAdopted } = server;
    console.log(JSON.stringify({ url, version, wasAdopted }));
    if (process.argv[2] !== "leave") process.stdin.once("data", async (line) => {
      await server.stop({ keepRunning: String(line).includes("keep") });
      console.log(JSON.stringify("stopped"));
      process.exit();
    });
  } catch (error) {
    console.log(JSON.stringify({ code: error.code, message: error.message, details: error.details }));
  }
`;

/**
 * A process that starts the server of `dir` and answers with its face or its error. `stop` and `keep` end its use,
 * which it answers with "stopped". In the mode `leave` it ends by itself.
 */
export function startServerChild(
  source: CompiledSource,
  dir: string,
  { mode, uid }: { readonly mode?: "leave"; readonly uid?: number } = {},
): CompiledChild {
  const args = mode ? [dir, mode] : [dir];
  return startChild(source, SCRIPT, uid === undefined ? { args } : { args, uid });
}

/** What a child answered that started the server. */
export interface ChildAnswer {
  readonly url: string;
  readonly wasAdopted: boolean;
}

/** The answer of a child that is expected to start the server. */
export async function serverOf(child: CompiledChild): Promise<ChildAnswer> {
  // SCRIPT prints these fields, and a test that gets an error instead fails on them.
  return (await child.answer()) as ChildAnswer;
}
