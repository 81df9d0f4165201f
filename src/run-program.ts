/**
 * Runs a bundled program with the code that V8 compiled for it the last time. A service takes a good part of its start to
 * parse and compile two megabytes; with what is kept it takes little of that. Without it, or when it does not fit this
 * version of Node, the program runs all the same.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  type Stats,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cachedDataVersionTag } from "node:v8";
import { constants, Script } from "node:vm";
import { isMainThread, threadId } from "node:worker_threads";
import { compiledCodeFolder } from "./config/cache-folder.ts";

/** A file of CommonJS that the build made, beside this module. */
export interface BundledProgram {
  readonly file: string;
  /** Of its content: what was compiled from another file must not be taken for it. */
  readonly digest: string;
}

/** A thread is ended from outside, so it keeps what it has compiled after so long. */
const THREAD_KEEPS_AFTER_MS = 1_500;
/** Of SHA-256. */
const DIGEST_BYTES = 32;
const FORGOTTEN_AFTER_MS = 30 * 24 * 3_600_000;

/** Runs it to the end of its first turn. */
export function runProgram(program: BundledProgram): void {
  const path = fileURLToPath(new URL(`./${program.file}`, import.meta.url));
  const kept = keptFile(program);
  const cachedData = kept === null ? null : readKept(kept);
  // The build writes other characters as escapes.
  const source = readFileSync(path, "latin1");
  const script = new Script(
    `(function(exports,require,module,__filename,__dirname){${source}\n})`,
    {
      filename: path,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      ...(cachedData === null ? {} : { cachedData }),
    },
  );
  if (kept !== null && script.cachedDataRejected !== false) keepAtTheEnd(script, kept);
  const module = { exports: {} };
  const run = script.runInThisContext() as (...names: readonly unknown[]) => void; // the function above
  run(module.exports, createRequire(path), module, path, dirname(path));
}

/**
 * Where the compiled code of a program is kept: for each command apart, because it holds what that used. Null where there
 * is nothing to gain: a program that was given no command is over at once.
 */
function keptFile({ file, digest }: BundledProgram): string | null {
  const folder = compiledCodeFolder();
  const command = isMainThread ? (process.argv[2] ?? "serve") : "thread";
  if (folder === null || !/^[a-z]{1,20}$/.test(command)) return null;
  return join(folder, `${file}-${command}-${digest}-${cachedDataVersionTag()}`);
}

/** What is kept, when nobody but this user can have written it. */
function readKept(path: string): Buffer | null {
  try {
    if (!isOwn(lstatSync(dirname(path)))) return null;
    const file = openSync(path, "r");
    try {
      // Once more, of what was opened: the folder may have been exchanged in between.
      return isOwn(fstatSync(file)) ? wholeOf(readFileSync(file)) : null;
    } finally {
      closeSync(file);
    }
  } catch {
    return null; // the first run
  }
}

/** The code behind its digest. V8 looks at the length alone, and a machine that lost its power can have left anything. */
function wholeOf(bytes: Buffer): Buffer | null {
  const code = bytes.subarray(DIGEST_BYTES);
  return digestOf(code).equals(bytes.subarray(0, DIGEST_BYTES)) ? code : null;
}

function digestOf(code: Buffer): Buffer {
  return createHash("sha256").update(code).digest();
}

function isOwn({ mode, uid }: Stats): boolean {
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
}

function keepAtTheEnd(script: Script, path: string): void {
  if (isMainThread)
    process.once("exit", (code) => {
      // A command that does not exist would keep a file for itself.
      if (code === 0) keep(script, path);
    });
  else setTimeout(() => keep(script, path), THREAD_KEEPS_AFTER_MS).unref();
}

/** Whole or not at all; whatever is in the way, the program has done its work. */
function keep(script: Script, path: string): void {
  const folder = dirname(path);
  const temporary = `${path}.${process.pid}-${threadId}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isOwn(lstatSync(folder))) return;
    const code = script.createCachedData();
    writeFileSync(temporary, Buffer.concat([digestOf(code), code]), { mode: 0o600, flag: "wx" });
    renameSync(temporary, path);
    forgetOld(folder);
  } catch {
    // A full or read-only disk: the next run compiles again.
  }
}

/** Removes what other versions have kept and did not renew. */
function forgetOld(folder: string): void {
  const before = Date.now() - FORGOTTEN_AFTER_MS;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).mtimeMs < before) unlinkSync(path);
  }
}
