/** The table of commands, in the order in which the help shows them. */
import type { Command } from "./command.ts";
import { catCommand } from "./commands/cat.ts";
import { completionCommandOf } from "./commands/completion.ts";
import { configCommand } from "./commands/config.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { exportCommand } from "./commands/export.ts";
import { importCommand } from "./commands/import.ts";
import { pauseCommand, resumeCommand, stopCommand } from "./commands/job-actions.ts";
import { initCommand } from "./commands/init.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { jobsCommand } from "./commands/jobs.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { rerunCommand } from "./commands/rerun.ts";
import { rejectedCommand } from "./commands/rejected.ts";
import { retryCommand } from "./commands/retry.ts";
import { resultCommand } from "./commands/result.ts";
import { runCommand } from "./commands/run.ts";
import { serveCommand } from "./commands/serve.ts";
import { showCommand } from "./commands/show.ts";
import { sqlCommand } from "./commands/sql.ts";
import { tokenCommand } from "./commands/token.ts";
import { undoCommand } from "./commands/undo.ts";
import { urlCommand } from "./commands/url.ts";
import { watchCommand } from "./commands/watch.ts";
import { workerCommand } from "./commands/worker.ts";
import { EXIT } from "./exit-codes.ts";
import { commandHelp, generalHelp } from "./help.ts";
import { chooseCommand } from "./parse-arguments.ts";

/** Prints the help of everything or of one command. */
const helpCommand: Command = {
  name: "help",
  usage: "[COMMAND]",
  summary: "this text, or more about one command",
  argumentCount: { least: 0, most: 1 },
  flags: {},
  run: ({ args, output }) => {
    const lines =
      args.length === 0
        ? generalHelp(COMMANDS)
        : commandHelp(chooseCommand(args, COMMANDS, helpCommand).command);
    for (const line of lines) output.print(line);
    return Promise.resolve(EXIT.done);
  },
};

const completionCommand = completionCommandOf(() => ({ commands: COMMANDS, usual: USUAL_COMMAND }));

/** Every command. */
export const COMMANDS: readonly Command[] = [
  serveCommand,
  workerCommand,
  importCommand,
  exportCommand,
  runCommand,
  resultCommand,
  inspectCommand,
  catCommand,
  jobsCommand,
  showCommand,
  watchCommand,
  pauseCommand,
  resumeCommand,
  stopCommand,
  undoCommand,
  rerunCommand,
  rejectedCommand,
  retryCommand,
  sqlCommand,
  urlCommand,
  doctorCommand,
  migrateCommand,
  tokenCommand,
  configCommand,
  initCommand,
  completionCommand,
  helpCommand,
];

/** What `sluice` alone does. */
export const USUAL_COMMAND: Command = serveCommand;
