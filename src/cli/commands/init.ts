/** `sluice init process`: a process to begin with, in the folder of processes. */
import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { SluiceError } from "../../core/errors.ts";
import { PROCESS_NAME } from "../../core/process-name.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { processTemplate } from "../process-template.ts";
import { printable } from "../terminal/text.ts";

const USUAL_NAME = "my-process";

/** Writes the file of a process that runs as it is. */
export const initCommand: Command = {
  name: "init",
  usage: "process [NAME]",
  summary: "write a process to begin with",
  argumentCount: { least: 1, most: 2 },
  flags: {
    processes: {
      value: "DIR",
      description: "folder of processes, ./processes",
      setting: "processes",
    },
  },
  notes: ["  sluice init process clean-names"],
  run: runInit,
};

async function runInit(invocation: Invocation): Promise<ExitCode> {
  const { args, output, isJson } = invocation;
  const [what, name = USUAL_NAME] = args;
  if (what !== "process")
    throw new SluiceError(
      "usage",
      `Expected \`sluice init process [NAME]\`, got ${JSON.stringify(what)}.`,
    );
  if (!PROCESS_NAME.test(name))
    throw new SluiceError(
      "usage",
      `Expected the name of a process to be lower-case letters, digits and -, got ${JSON.stringify(name)}.`,
    );
  const { processes: folder } = await invocation.loadConfig();
  const path = join(folder, `${name}.ts`);
  await writeNew(folder, path, processTemplate(name));
  const shown = relative(process.cwd(), path);
  if (isJson) output.print(JSON.stringify({ path, name }));
  else
    output.print(`${output.style("ok", "✓")} ${printable(shown.startsWith("..") ? path : shown)}`);
  output.note(`  Run it: sluice run ${name} FILE`);
  return EXIT.done;
}

/** Errors: `usage` when the file is there, `storage_failed`. */
async function writeNew(folder: string, path: string, text: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(path, text, { flag: "wx" });
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST")
      throw new SluiceError("usage", `${path} is there already. Give another name.`, { cause });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError("storage_failed", `${path} cannot be written: ${reason}.`, { cause });
  }
}
