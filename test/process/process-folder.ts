/** A folder of processes for a test, and hosts and a catalog over it that run the source as it is compiled for the test. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ProcessPlan } from "../../src/core/process-plan.ts";
import type {
  HostBatch,
  HostCalls,
  HostLimits,
  HostLogLine,
  ProcessHost,
  HostAnswer,
} from "../../src/core/process-ports.ts";
import { userCodeEnvironment } from "../../src/config/user-code-environment.ts";
import { createProcessCatalog } from "../../src/kinds/process/process-catalog.ts";
import { createProcessHosts } from "../../src/kinds/process/process-hosts.ts";
import { compileSource, type CompiledSource } from "../support/compiled-child.ts";

const MIB = 1024 * 1024;

/** Compiles what runs user code, and what a test starts it with. */
export function compileHost(): CompiledSource {
  return compileSource([
    "process-main.ts",
    "kinds/process/watchdog-thread.ts",
    "kinds/process/process-hosts.ts",
  ]);
}

/** A folder that has nothing but the given files. */
export interface TestFolder {
  readonly folder: string;
  write(name: string, text: string): void;
  readonly catalog: ReturnType<typeof createProcessCatalog>;
  /** Starts a host for the process of a name. */
  start(
    name: string,
    options?: { readonly plan?: Partial<ProcessPlan>; readonly limits?: Partial<HostLimits> },
  ): Promise<ProcessHost>;
  [Symbol.dispose](): void;
}

/** Makes a folder. `loadMs` is how long a file may take to load. */
export function openTestFolder(
  source: CompiledSource,
  files: Readonly<Record<string, string>> = {},
  { loadMs = 10_000 }: { readonly loadMs?: number } = {},
): TestFolder {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "sluice-processes-")));
  const entry = pathToFileURL(join(source.folder, "process-main.js"));
  const setting = { folder, environment: userCodeEnvironment(), entry, loadMs };
  const hosts = createProcessHosts(setting);
  const write = (name: string, text: string): void => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  return {
    folder,
    write,
    catalog: createProcessCatalog(setting),
    start: (name, { plan = {}, limits = {} } = {}) =>
      hosts.start(aPlan(name, plan), { batchMs: 60_000, memoryBytes: 512 * MIB, ...limits }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The text of a process whose `run` has this body; `batch` and `ctx` are at hand. */
export function aProcess(name: string, body: string, more = ""): string {
  return `import { defineProcess } from "sluice";\nexport default defineProcess({ name: "${name}", ${more} async run(batch, ctx) {\n${body}\n} });\n`;
}

/** A plan of a file with the fields `name` and `age`. */
export function aPlan(name: string, more: Partial<ProcessPlan> = {}): ProcessPlan {
  const plan = { process: name, params: {}, fields: ["name", "age"], header: ["Name", "Age"] };
  return { outputHeader: null, ...plan, ...more } as ProcessPlan; // hosts look at nothing else of it
}

/** A batch of two records. */
export function aBatch(more: Partial<HostBatch> = {}): HostBatch {
  const records = [
    { record: 1, line: 2, values: ["Ann", "31"] },
    { record: 2, line: 3, values: ["Bob", "32"] },
  ];
  return {
    jobId: "job_1",
    key: "job_1:1-2",
    attempt: 1,
    isCommitted: false,
    result: null,
    records,
    ...more,
  };
}

/** Calls that note what was logged, and answer statements by `query`. */
export function someCalls(
  query: HostCalls["query"] = () => Promise.resolve({ rows: [], rowCount: 0 }),
): HostCalls & {
  readonly lines: readonly HostLogLine[];
  /** The next line that is logged. */
  nextLine(): Promise<HostLogLine>;
} {
  const lines: HostLogLine[] = [];
  let wake: ((line: HostLogLine) => void) | null = null;
  return {
    query,
    log(line) {
      lines.push(line);
      wake?.(line);
    },
    lines,
    nextLine: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
  };
}

/** Runs one batch of a process with this body. */
export async function runBody(
  source: CompiledSource,
  body: string,
  options: { readonly batchMs?: number; readonly memoryBytes?: number } = {},
): Promise<HostAnswer> {
  using folder = openTestFolder(source, { "one.ts": aProcess("one", body) });
  const host = await folder.start("one", { limits: options });
  try {
    return await host.run(aBatch(), someCalls());
  } finally {
    await host.stop();
  }
}
