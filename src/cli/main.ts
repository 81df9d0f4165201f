/** The program `sluice`. */
import { runCli } from "./run-cli.ts";

async function main(): Promise<void> {
  process.exitCode = await runCli(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
  });
}

// What it throws is a defect, and ends the program as one.
void main();
