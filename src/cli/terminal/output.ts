/**
 * Where a command writes: results to standard output, everything else to standard error. A reader that closes its
 * end early (`sluice jobs | head -1`) ends the writing quietly: `closed` fires and later results are dropped.
 */
import type { Writable } from "node:stream";
import { createStyle, type Style } from "./style.ts";

/** A stream that may be a terminal. */
export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What decides how a command writes. */
export interface OutputOptions {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** `always`, `never`, or `auto`: on a terminal. */
  readonly color: "always" | "never" | "auto";
  /** Whether lines on a terminal may be redrawn. */
  readonly canRedraw: boolean;
  /** Drops notes. Warnings and errors are written all the same. */
  readonly isQuiet: boolean;
}

/** The writing side of a command. */
export interface Output {
  /** Colors for standard output. */
  readonly style: Style;
  /** Colors for standard error. */
  readonly noteStyle: Style;
  /** Whether a progress display may be redrawn in place on standard error. */
  readonly isLive: boolean;
  readonly isQuiet: boolean;
  /** Columns of the terminal at this moment; 80 where there is none. */
  readonly columns: () => number;
  /** Columns of standard output, or null when it is not a terminal and lines are never cut. */
  readonly resultColumns: () => number | null;
  /** Fires when nobody reads the results any more. */
  readonly closed: AbortSignal;
  /** Writes one result line to standard output. */
  readonly print: (line: string) => void;
  /** Writes text to standard output as it is, and waits until there is room for more. */
  readonly write: (text: string | Uint8Array) => Promise<void>;
  /** Writes one line to standard error, unless quiet. */
  readonly note: (line: string) => void;
  /** Writes one line to standard error in any case. */
  readonly warn: (line: string) => void;
  /** Writes control sequences to standard error. */
  readonly control: (text: string) => void;
}

/** Builds the output over two streams and takes over their `error` events. */
export function createOutput(options: OutputOptions): Output {
  const { stdout, stderr } = options;
  const closing = new AbortController();
  stdout.on("error", () => closing.abort());
  // Nobody can be told when standard error is gone; the command itself goes on.
  stderr.on("error", () => undefined);
  const isColored = (stream: OutputStream): boolean =>
    options.color === "always" || (options.color === "auto" && stream.isTTY === true);
  const writeStdout = (text: string | Uint8Array): boolean =>
    closing.signal.aborted || stdout.write(text);

  return {
    style: createStyle(isColored(stdout)),
    noteStyle: createStyle(isColored(stderr)),
    isLive: stderr.isTTY === true && options.canRedraw && !options.isQuiet,
    isQuiet: options.isQuiet,
    columns: () => stderr.columns ?? stdout.columns ?? 80,
    resultColumns: () => (stdout.isTTY === true ? (stdout.columns ?? 80) : null),
    closed: closing.signal,
    print: (line) => void writeStdout(`${line}\n`),
    write: async (text) => {
      if (!writeStdout(text)) await drained(stdout, closing.signal);
    },
    note: (line) => {
      if (!options.isQuiet) stderr.write(`${line}\n`);
    },
    warn: (line) => void stderr.write(`${line}\n`),
    control: (text) => void stderr.write(text),
  };
}

function drained(stream: OutputStream, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      stream.off("drain", settle);
      closed.removeEventListener("abort", settle);
      resolve();
    };
    stream.once("drain", settle);
    closed.addEventListener("abort", settle, { once: true });
    if (closed.aborted) settle();
  });
}
