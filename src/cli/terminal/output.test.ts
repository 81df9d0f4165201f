import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { createOutput, type OutputStream } from "./output.ts";

class Sink extends Writable {
  text = "";
  readonly isTTY: boolean;
  readonly #error: Error | null;

  constructor(isTTY = false, error: Error | null = null) {
    super();
    this.isTTY = isTTY;
    this.#error = error;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error: Error | null) => void): void {
    this.text += chunk.toString();
    done(this.#error);
  }
}

function outputOn(
  stdout: OutputStream,
  stderr: OutputStream,
  isQuiet = false,
): ReturnType<typeof createOutput> {
  return createOutput({ stdout, stderr, color: "auto", canRedraw: true, isQuiet });
}

test("results go to standard output, everything else to standard error", () => {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const output = outputOn(stdout, stderr);

  output.print("result");
  output.note("note");
  output.warn("warning");

  expect([stdout.text, stderr.text]).toEqual(["result\n", "note\nwarning\n"]);
});

test("quiet drops notes and keeps warnings", () => {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const output = outputOn(stdout, stderr, true);

  output.note("note");
  output.warn("warning");

  expect(stderr.text).toBe("warning\n");
});

test("each stream is colored only when it is a terminal itself", () => {
  const output = outputOn(new Sink(false), new Sink(true));

  expect([output.style("ok", "x"), output.noteStyle("ok", "x")]).toEqual([
    "x",
    "\u001b[32mx\u001b[0m",
  ]);
});

test("lines are redrawn only where standard error is a terminal", () => {
  expect(outputOn(new Sink(true), new Sink(false)).isLive).toBe(false);
  expect(outputOn(new Sink(false), new Sink(true)).isLive).toBe(true);
  expect(outputOn(new Sink(true), new Sink(true), true).isLive).toBe(false);
});

test("a reader that closes early ends the writing quietly", async () => {
  const stdout = new Sink(false, Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  const output = outputOn(stdout, new Sink());
  const closed = new Promise((resolve) => output.closed.addEventListener("abort", resolve));

  output.print("first");
  await closed;
  output.print("second");
  await output.write("third");

  expect(stdout.text).toBe("first\n");
});
