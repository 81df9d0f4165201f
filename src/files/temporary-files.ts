/**
 * Files of a folder that are being written, under names of their own.
 *
 * Several services may share the folder. The name of a temporary file says whose it is, and its time is renewed while it is
 * written, however silent the sender: what carries the own name was left by an earlier run, which is over, and what carries
 * another's is left alone until that one has not renewed it for a day.
 */
import { randomBytes } from "node:crypto";
import { readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { SluiceError } from "../core/errors.ts";
import { isAbsent, onDisk, storageError } from "./folder-writing.ts";

const SUFFIX = ".part";
const OWNER = /^[0-9a-z_-]{1,64}$/;
/** How often the time of a temporary file is renewed. */
const RENEW_EVERY_MS = 10 * 60_000;
/** How long a temporary file of another owner was not renewed when nobody writes it any more. */
const ABANDONED_AFTER_MS = 24 * 60 * 60_000;

/** A name for a file that `owner` writes, and that will be called `what`. */
export function temporaryName(what: string, owner: string): string {
  return `${what}.${owner}.${randomBytes(6).toString("hex")}${SUFFIX}`;
}

/** The temporary files of one owner in a folder. */
export class TemporaryFiles {
  readonly #folder: string;
  readonly #owner: string;
  readonly #beingWritten = new Set<string>();

  /** `owner` is a name that one living process has at a time, and the same after every start. */
  constructor(folder: string, owner: string) {
    if (!OWNER.test(owner))
      throw new SluiceError("internal", `Expected the name of an owner, got "${owner}".`);
    this.#folder = folder;
    this.#owner = owner;
  }

  /** A name for what will be called `what`. */
  nameFor(what: string): string {
    return temporaryName(what, this.#owner);
  }

  /** Writes a file under a temporary name, which no sweep takes meanwhile. */
  async whileWritten<T>(name: string, write: () => Promise<T>): Promise<T> {
    this.#beingWritten.add(name);
    const renewing = setInterval(() => void renew(join(this.#folder, name)), RENEW_EVERY_MS);
    renewing.unref();
    try {
      return await write();
    } finally {
      clearInterval(renewing);
      this.#beingWritten.delete(name);
    }
  }

  /** Removes those that nobody writes any more; returns how many. Errors: `storage_failed`. */
  async sweep(): Promise<number> {
    let swept = 0;
    for (const name of await namesIn(this.#folder)) {
      if (!(await this.#isStale(name))) continue;
      await onDisk(this.#folder, () => rm(join(this.#folder, name), { force: true }));
      swept += 1;
    }
    return swept;
  }

  async #isStale(name: string): Promise<boolean> {
    if (!name.endsWith(SUFFIX) || this.#beingWritten.has(name)) return false;
    if (name.split(".")[1] === this.#owner) return true;
    const path = join(this.#folder, name);
    try {
      return Date.now() - (await stat(path)).mtimeMs > ABANDONED_AFTER_MS;
    } catch (error) {
      if (isAbsent(error)) return false; // it has its final name by now
      throw storageError(error, path);
    }
  }
}

/** Shows others on the folder that a file is being written. A file that was renamed meanwhile needs it no more. */
async function renew(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw storageError(error, folder);
  }
}
