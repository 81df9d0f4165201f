/**
 * A lock that one process holds at a time and that a killed holder does not keep.
 *
 * Node has no lock that the system gives back, so the lock is a file that names its holder (pid and start). The hard
 * part is to take over from a dead holder: removing its file and making a new one are two steps, and between them
 * two processes can each remove the other's fresh file. Here nothing is removed to take over. Every holder has an id
 * that is never used again, and the successor of holder X is whoever creates the file `PATH.after-X`, in one atomic
 * step (a hard link, complete with its content, that fails when the name exists). From `PATH` one follows the names
 * to the last file of the chain: its holder holds the lock, if it is alive and has not released it.
 *
 * The holder then renames its file to `PATH`, so that chains stay short. Somebody who had followed the chain before
 * the renaming may still create a file after a holder that is past. That is why creating is not enough: the lock is
 * held by who finds its own file at the end of the chain, followed again from `PATH`. What always holds: only the
 * holder replaces `PATH`, nobody removes it, and a file that is not on the chain never comes to be on it.
 */
import { createHash, randomUUID } from "node:crypto";
import { link, readFile, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createOwnedFile } from "./owned-file.ts";
import {
  identifyProcess,
  identifySelf,
  isAlive,
  type ProcessIdentity,
} from "./process-identity.ts";

/** A live holder of a lock. */
export interface Holder {
  readonly process: ProcessIdentity;
  /** What the holder wants others to know, such as its URL. */
  readonly note: string | null;
}

/** A lock that this process holds. Its methods are called one at a time. */
export interface Hold {
  /** Replaces the note. */
  setNote(note: string | null): Promise<void>;
  /** Lets others have the lock. Called again, it does nothing. */
  release(): Promise<void>;
}

/** What an attempt came to. */
export type HoldAttempt =
  | { readonly isHeld: true; readonly hold: Hold }
  | { readonly isHeld: false; readonly holder: Holder };

interface Entry extends Holder {
  readonly id: string;
  readonly isReleased: boolean;
}

/**
 * Takes the lock at `path`, or says who holds it. Never waits for a holder. The folder must exist. This process
 * counts as another holder when it holds the lock already. Errors: those of the file system.
 */
export async function tryHold(path: string, note: string | null): Promise<HoldAttempt> {
  const own: Entry = { id: randomUUID(), process: identifySelf(), note, isReleased: false };
  for (;;) {
    const last = await followChain(path);
    if (last !== null && isHolding(last)) return { isHeld: false, holder: last };
    const target = last === null ? path : successorOf(path, last);
    if (!(await createEntry(path, target, own))) continue;
    const winner = await followChain(path);
    if (winner?.id !== own.id) {
      await rm(target, { force: true });
      continue;
    }
    if (target !== path) await rename(target, path);
    await sweep(path);
    return { isHeld: true, hold: holdOf(path, own) };
  }
}

/** Who holds the lock at `path` now, or null. */
export async function findHolder(path: string): Promise<Holder | null> {
  const last = await followChain(path);
  return last !== null && isHolding(last) ? last : null;
}

function holdOf(path: string, own: Entry): Hold {
  let current = own;
  return {
    async setNote(note) {
      if (current.isReleased) return;
      current = { ...current, note };
      await replaceEntry(path, current);
    },
    async release() {
      if (current.isReleased) return;
      current = { ...current, isReleased: true };
      await replaceEntry(path, current);
    },
  };
}

function isHolding(entry: Entry): boolean {
  return !entry.isReleased && isAlive(entry.process);
}

/** The last file of the chain, or null when there is none at all. */
async function followChain(path: string): Promise<Entry | null> {
  for (;;) {
    const first = await readEntry(path);
    let last = first;
    for (let next = first; next !== null; next = await readEntry(successorOf(path, next)))
      last = next;
    // A chain that was shortened on the way leads astray; ids are unique, so the same id is the same chain.
    const again = await readEntry(path);
    if (again?.id === first?.id) return last;
  }
}

function successorOf(path: string, entry: Entry): string {
  return `${path}.after-${entry.id}`;
}

async function readEntry(path: string): Promise<Entry | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
  return parseEntry(text) ?? tornEntry(text);
}

function parseEntry(text: string): Entry | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { id, pid, startedAt, note, isReleased } = value as Record<string, unknown>;
  if (typeof id !== "string" || typeof pid !== "number" || typeof startedAt !== "string")
    return null;
  return {
    id,
    process: { pid, startedAt },
    note: typeof note === "string" ? note : null,
    isReleased: isReleased === true,
  };
}

/** Files appear complete, so only a power failure tears one, and that ended its holder too. */
function tornEntry(text: string): Entry {
  const id = createHash("sha256").update(text).digest("hex").slice(0, 32);
  return { id, process: { pid: 0, startedAt: "" }, note: null, isReleased: true };
}

function formatEntry({ id, process: { pid, startedAt }, note, isReleased }: Entry): string {
  return JSON.stringify({ id, pid, startedAt, note, isReleased });
}

/** Makes the file `target` with the entry's content, or returns false when the name exists. */
async function createEntry(path: string, target: string, entry: Entry): Promise<boolean> {
  const draft = draftOf(path);
  await createOwnedFile(draft, formatEntry(entry));
  try {
    await link(draft, target);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function replaceEntry(path: string, entry: Entry): Promise<void> {
  const draft = draftOf(path);
  await createOwnedFile(draft, formatEntry(entry));
  await rename(draft, path);
}

function draftOf(path: string): string {
  return `${path}.draft-${process.pid}-${randomUUID()}`;
}

/** Removes what is off the chain. Called by the holder, so the chain is `path` alone. */
async function sweep(path: string): Promise<void> {
  const folder = dirname(path);
  const name = basename(path);
  for (const file of await readdir(folder)) {
    if (!file.startsWith(`${name}.`)) continue;
    const suffix = file.slice(name.length + 1);
    const draft = /^draft-(\d+)-/.exec(suffix);
    // A live process may be about to link its draft.
    const isLeftover = draft
      ? identifyProcess(Number(draft[1])) === null
      : suffix.startsWith("after-");
    if (isLeftover) await rm(join(folder, file), { force: true });
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
