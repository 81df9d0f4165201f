// Runs a worker in a process of its own, so that tests can kill it: settings of the engine as JSON in the first
// argument, configuration in the environment. Prints one line of JSON when it works.
import { loadConfig } from "../../dist/config/load-config.js";
import { startWorker } from "../../dist/worker.js";

const settings = JSON.parse(process.argv[2] ?? "{}");
const config = await loadConfig({ cwd: process.env.SLUICE_DIR });
const worker = await startWorker(config, {
  settings,
  log: (line) => process.stderr.write(`${line}\n`),
});
process.once("SIGTERM", () => {
  worker.stop().then(
    () => process.exit(0),
    (error) => {
      process.stderr.write(`${error.stack}\n`);
      process.exit(1);
    },
  );
});
process.stdout.write(`${JSON.stringify({ id: worker.id })}\n`);
