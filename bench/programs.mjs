// Programs that are measured from their start to their end, with the most memory that they had.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const SAMPLE_MS = 20;

/** Watches the peak resident memory of a process, in bytes; null where the system does not say. */
export function watchMemory(pid) {
  let peak = null;
  const look = () => {
    try {
      const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
      if (kilobytes !== undefined) peak = Math.max(peak ?? 0, Number(kilobytes) * 1024);
    } catch {
      // No /proc, or the process has ended: what was seen before stands.
    }
  };
  look();
  const timer = setInterval(look, SAMPLE_MS);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return peak;
    },
  };
}

/** Runs a program to its end. Throws with what it said when it fails. `input` is a text for its stdin. */
export async function runProgram(program, args, { env = process.env, cwd } = {}) {
  const begun = performance.now();
  const child = spawn(program, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
  const memory = watchMemory(child.pid);
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      said = (said + text).slice(-4000);
    });
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const seconds = (performance.now() - begun) / 1000;
  const peakBytes = memory.stop();
  if (code !== 0) throw new Error(`${program} ended with ${code}:\n${said}`);
  return { seconds, peakBytes };
}

/** The first line that a program says of its version; null when there is no such program. */
export function versionOf(program, args = ["--version"]) {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? stdout.trim().split("\n")[0] : null;
}

/** `psql` of the path, or of an installed PostgreSQL; null when there is none. */
export function findPsql() {
  if (versionOf("psql") !== null) return "psql";
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).toSorted().toReversed() : [];
  const found = versions.map((version) => join(root, version, "bin", "psql"));
  return found.find((path) => versionOf(path) !== null) ?? null;
}
