// Runs a service in a process of its own, so that tests can kill it: settings of the engine as JSON in the first
// argument, configuration in the environment. Prints one line of JSON when it listens.
import { loadConfig } from "../../dist/config/load-config.js";
import { startService } from "../../dist/server.js";

const settings = JSON.parse(process.argv[2] ?? "{}");
const config = await loadConfig({ cwd: process.env.SLUICE_DIR });
const service = await startService(config, {
  settings,
  log: (line) => process.stderr.write(`${line}\n`),
});
process.once("SIGTERM", () => {
  service.stop().then(
    () => process.exit(0),
    (error) => {
      process.stderr.write(`${error.stack}\n`);
      process.exit(1);
    },
  );
});
// Last: whoever reads this line may send the signal.
process.stdout.write(`${JSON.stringify({ url: service.url, databaseUrl: service.databaseUrl })}\n`);
