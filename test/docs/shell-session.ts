/**
 * Runs the shell commands of a document as a reader would type them: in an empty folder with the examples in it, one
 * after the other, with `sluice` on the path and `sluice serve` in another terminal.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./pages.ts";

/** What a command came to. */
export interface CommandEnd {
  readonly line: string;
  readonly code: number | null;
  /** Both streams, as they came. */
  readonly output: string;
}

/** A reader's folder and terminals. */
export interface ShellSession {
  run(line: string): Promise<CommandEnd>;
  /** Stops the service, if one runs, and removes the folder. Returns the exit code of the service. */
  end(): Promise<number | null>;
}

/** The service, with settings in front of it. */
const SERVE = /^(?:\w+=\S+ )*sluice serve$/;
/** The address that documents name. */
const USUAL_ADDRESS = "127.0.0.1:5007";
const START_TIMEOUT_MS = 60_000;

/** Programs on the path before all others: the command as `npm link` makes it, and a curl that fails by its exit code. */
const PROGRAMS: Readonly<Record<string, string>> = {
  sluice: `exec "${process.execPath}" "${join(ROOT, "dist/sluice.js")}" "$@"`,
  curl: `PATH="\${PATH#*:}"; exec curl --fail --silent --show-error "$@"`,
};

/** Opens a session. `environment` is added to a bare one. */
export async function openShellSession(
  environment: Readonly<Record<string, string>>,
): Promise<ShellSession> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-docs-"));
  await symlink(join(ROOT, "examples"), join(folder, "examples"));
  // Copied, because readers write into it.
  await cp(join(ROOT, "processes"), join(folder, "processes"), { recursive: true });
  const programs = join(folder, ".programs");
  await mkdir(programs);
  for (const [name, text] of Object.entries(PROGRAMS)) {
    await writeFile(join(programs, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(programs, name), 0o755);
  }
  const env = {
    PATH: `${programs}:${process.env["PATH"] ?? ""}`,
    // Named, so that no command looks for a service at the usual address, which may be the developer's own.
    SLUICE_DIR: join(folder, ".sluice"),
    SLUICE_PORT: "0",
    SLUICE_LANES: "1",
    ...environment,
  };
  let service: ChildProcess | null = null;
  let address = USUAL_ADDRESS;

  const start = (line: string): ChildProcess =>
    spawn("sh", ["-c", `exec env ${line}`], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });

  const serve = async (line: string): Promise<CommandEnd> => {
    const child = start(line);
    service = child;
    const output = collect(child);
    const found = await waitFor(child, () => /API +http:\/\/(\S+)\/docs/.exec(output())?.[1]);
    if (found !== undefined) address = found;
    return { line, code: found === undefined ? child.exitCode : 0, output: output() };
  };

  const run = async (line: string): Promise<CommandEnd> => {
    const child = spawn("sh", ["-c", line.replaceAll(USUAL_ADDRESS, address)], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = collect(child);
    await once(child, "close");
    return { line, code: child.exitCode, output: output() };
  };

  return {
    run: (line) => (SERVE.test(line) ? serve(line) : run(line)),
    end: async () => {
      let code: number | null = 0;
      if (service !== null && service.exitCode === null) {
        service.kill("SIGTERM");
        await once(service, "close");
        code = service.exitCode;
      }
      await rm(folder, { recursive: true, force: true });
      return code;
    },
  };
}

function collect(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
  return () => text;
}

/** What `look` finds in the output of the process; undefined when it ends or takes too long. */
function waitFor(child: ChildProcess, look: () => string | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), START_TIMEOUT_MS);
    const check = (): void => {
      const found = look();
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout?.on("data", check);
    child.once("close", () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}
