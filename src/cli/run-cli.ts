/** One call of the command line, from its words to its exit code. */
import { loadConfig } from "../config/load-config.ts";
import { readTerminalEnvironment } from "../config/terminal-environment.ts";
import { VERSION } from "../version.ts";
import { COMMANDS, USUAL_COMMAND } from "./commands.ts";
import type { Flags } from "./command.ts";
import { errorView } from "./error-view.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { commandHelp, generalHelp } from "./help.ts";
import { chooseCommand, parseWords } from "./parse-arguments.ts";
import { createOutput, type Output } from "./terminal/output.ts";
import { printable } from "./terminal/text.ts";

/** The streams of a call. */
export interface CliStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Runs the command that `words` ask for. Never throws: an error is shown, and becomes the exit code. */
export async function runCli(words: readonly string[], streams: CliStreams): Promise<ExitCode> {
  // Before the words are understood: `--json` and `--plain` count wherever they stand.
  const isJson = words.includes("--json");
  let output = outputOf(streams, { isPlain: words.includes("--plain"), isQuiet: false });
  try {
    if (words.length === 1 && (words[0] === "--version" || words[0] === "-V")) {
      output.print(VERSION);
      return EXIT.done;
    }
    if (words.length === 1 && (words[0] === "--help" || words[0] === "-h")) {
      for (const line of generalHelp(COMMANDS)) output.print(line);
      return EXIT.done;
    }
    const chosen = chooseCommand(words, COMMANDS, USUAL_COMMAND);
    const { args, flags, settings } = parseWords(chosen.words, chosen.command);
    output = outputOf(streams, { isPlain: flags.has("plain"), isQuiet: flags.has("quiet") });
    if (flags.has("help")) {
      for (const line of commandHelp(chosen.command)) output.print(line);
      return EXIT.done;
    }
    return await chosen.command.run({
      args,
      flags,
      isJson,
      output,
      input: { stdin: streams.stdin, isInteractive: isInteractive(streams, flags) },
      loadConfig: () => loadConfig({ flags: settings }),
    });
  } catch (error) {
    return reportError(error, output, isJson);
  }
}

function outputOf(
  { stdout, stderr }: CliStreams,
  { isPlain, isQuiet }: { readonly isPlain: boolean; readonly isQuiet: boolean },
): Output {
  const environment = readTerminalEnvironment();
  return createOutput({
    stdout,
    stderr,
    color: isPlain ? "never" : environment.color,
    canRedraw: environment.canRedraw && !isPlain,
    isQuiet,
  });
}

function isInteractive({ stdin, stderr }: CliStreams, flags: Flags): boolean {
  const isTerminal = stdin.isTTY && stderr.isTTY;
  const isWanted = !flags.has("no-input") && !flags.has("plain") && !flags.has("quiet");
  return isTerminal && isWanted && readTerminalEnvironment().canRedraw;
}

/** Shows an error: what happened, then what to do. Never a stack trace. */
function reportError(error: unknown, output: Output, isJson: boolean): ExitCode {
  const { code, message, advice, exitCode } = errorView(error);
  if (isJson) {
    output.warn(JSON.stringify({ error: { code, message, advice } }));
    return exitCode;
  }
  const [first = "", ...rest] = message.split("\n");
  output.warn(`${output.noteStyle("bad", "✗")} ${printable(first)}`);
  for (const line of rest) output.warn(`  ${printable(line)}`);
  if (advice !== null) output.warn(`  ${printable(advice)}`);
  return exitCode;
}
