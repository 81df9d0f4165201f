import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOutput } from "../terminal/output.ts";
import { parseWords } from "../parse-arguments.ts";
import { catCommand } from "./cat.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cat-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, text: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function lines(stream: PassThrough): Promise<string[]> {
  const pieces: Buffer[] = [];
  // A stream without encoding yields buffers.
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString().split("\n").slice(0, -1);
}

/** Runs the command and returns what it printed, line by line. */
async function cat(...words: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const printed = Promise.all([lines(stdout), lines(stderr)]);
  const output = createOutput({ stdout, stderr, color: "never", canRedraw: false, isQuiet: false });
  const exitCode = await catCommand.run({
    ...parseWords(words, catCommand),
    isJson: words.includes("--json"),
    output,
    input: { stdin: process.stdin, isInteractive: false },
    loadConfig: () => Promise.reject(new Error("cat needs no configuration")),
  });
  stdout.end();
  stderr.end();
  const [out, err] = await printed;
  return { exitCode, out, err };
}

test("every record of many files is a JSON array, the header included", async () => {
  const first = await file("a.csv", 'id,name\n1,"x ""y"""\n2\n');
  const second = await file("b.csv", "z;é\r\n");

  expect(await cat("--json", first, second)).toEqual({
    exitCode: 0,
    out: ['["id","name"]', '["1","x \\"y\\""]', '["2"]', '["z","é"]'],
    err: [],
  });
});

test("a refused record is told on standard error, and the others are printed", async () => {
  const path = await file("bad.csv", 'a\n"b"c\nd\n');
  const { exitCode, out, err } = await cat("--json", path);

  expect([exitCode, out]).toEqual([0, ['["a"]', '["d"]']]);
  expect(err.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      file: path,
      record: 1,
      line: 2,
      byte: 2,
      code: "text_after_quote",
      message: "text after the closing quote of field 1",
    },
  ]);
});

test("a refused file ends with 1, and the files behind it are printed", async () => {
  const png = await file("a.png", Buffer.from("89504e470d0a1a0a00", "hex"));
  const good = await file("good.csv", "a\n");
  const { exitCode, out, err } = await cat("--json", png, join(folder, "none.csv"), folder, good);

  expect([exitCode, out]).toEqual([1, ['["a"]']]);
  expect(err.map((line) => (JSON.parse(line) as { code: string }).code)).toEqual([
    "unsupported_format",
    "storage_failed",
    "storage_failed",
  ]);
});

test("the flags say how the file is read", async () => {
  const path = await file("flags.csv", Buffer.from("x\n#y\n \x80 ||'a\\'b'\n", "latin1"));
  const flags = ["--delimiter=||", "--quote='", "--escape=\\", "--encoding=windows-1252"];
  const { out } = await cat(path, ...flags, "--skip-lines=1", "--comment=#", "--trim");

  expect(out).toEqual(['["€","a\'b"]']);
});

test("people read what is wrong without JSON", async () => {
  const path = await file("open.csv", 'a\n"b\n');
  const { exitCode, out, err } = await cat(path);

  expect([exitCode, out]).toEqual([1, ['["a"]']]);
  expect(err).toEqual([
    expect.stringMatching(/open\.csv:2: The quote that opens on line 2 .*\(unclosed_quote\)$/),
  ]);
});

test("records and fields of any size are printed whole", async () => {
  const long = `${"\u0001".repeat(200_000)},`.repeat(3);
  const path = await file("long.csv", `a\n${long}\n${"b,".repeat(100_000)}\n`);
  const { out } = await cat(path);

  expect(out.map((line) => (JSON.parse(line) as string[]).length)).toEqual([1, 4, 100_001]);
});
