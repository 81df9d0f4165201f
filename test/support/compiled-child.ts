/**
 * Processes of our own code for tests that kill them. Node 20 cannot run TypeScript, so the source is compiled, once
 * per test file, into a folder of the test's own.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A folder of compiled source. */
export interface CompiledSource {
  /** Holds the compiled folders of `src`. */
  readonly folder: string;
  remove(): void;
}

/** A process that runs a script. */
export interface CompiledChild {
  readonly process: ChildProcess;
  /** The next line that it prints, parsed as JSON. Rejects when it ends without one. */
  answer(): Promise<unknown>;
  /** Writes a line to its standard input. */
  say(line: string): void;
  /** Kills it with SIGKILL and waits for its end. */
  kill(): Promise<void>;
  /** Waits for its end, and returns its exit code. */
  ended(): Promise<number | null>;
}

/** Compiles the given files of `src` and all that they import. Every user of the machine may read the result. */
export function compileSource(files: readonly string[]): CompiledSource {
  const home = mkdtempSync(join(tmpdir(), "sluice-compiled-"));
  const folder = join(home, "dist");
  const tsconfig = join(home, "tsconfig.json");
  const config = {
    extends: join(ROOT, "tsconfig.build.json"),
    compilerOptions: { rootDir: join(ROOT, "src"), outDir: folder, declaration: false },
    files: files.map((file) => join(ROOT, "src", file)),
    include: [],
  };
  writeFileSync(tsconfig, JSON.stringify(config));
  writeFileSync(join(home, "package.json"), '{"type":"module"}');
  mkdirSync(folder);
  symlinkSync(join(ROOT, "node_modules"), join(home, "node_modules"));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const run = spawnSync(process.execPath, [tsc, "-p", tsconfig], { cwd: ROOT, encoding: "utf8" });
  if (run.status !== 0) throw new Error(`The source does not compile:\n${run.stdout}${run.stderr}`);
  chmodSync(home, 0o755);
  return { folder, remove: () => rmSync(home, { recursive: true, force: true }) };
}

/** Runs `script`, the text of a module in which `source` is the folder of the compiled source. */
export function startChild(
  source: CompiledSource,
  script: string,
  { args = [], uid }: { readonly args?: readonly string[]; readonly uid?: number } = {},
): CompiledChild {
  const text = `const source = ${JSON.stringify(`${source.folder}/`)};\n${script}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", text, "--", ...args], {
    cwd: "/",
    stdio: ["pipe", "pipe", "inherit"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const end = once(child, "close");
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    process: child,
    async answer() {
      const { done, value } = await lines.next();
      if (done === true) throw new Error("The child ended without an answer.");
      return JSON.parse(value);
    },
    say: (line) => child.stdin.write(`${line}\n`),
    async kill() {
      child.kill("SIGKILL");
      await end;
    },
    async ended() {
      await end;
      return child.exitCode;
    },
  };
}
