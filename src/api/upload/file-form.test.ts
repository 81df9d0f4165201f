import { EventEmitter, once } from "node:events";
import { describe, expect, test } from "vitest";
import { readFileForm, type FileReceiver } from "./file-form.ts";

const TYPE = "multipart/form-data; boundary=b";
const FILE_HEAD =
  '--b\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\nContent-Type: text/csv\r\n\r\n';
const END = "\r\n--b--\r\n";

async function* bytesOf(text: string, size = text.length): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const piece of source) text += Buffer.from(piece).toString();
  return text;
}

/** Keeps received texts until they are discarded. */
function receiver(): FileReceiver<string> & { kept: Set<string>; discarded: string[] } {
  const kept = new Set<string>();
  const discarded: string[] = [];
  return {
    kept,
    discarded,
    receive: async (name, source) => {
      const text = `${name}:${await textOf(source)}`;
      kept.add(text);
      return text;
    },
    discard: (received) => {
      kept.delete(received);
      discarded.push(received);
      return Promise.resolve();
    },
  };
}

/** The start of a file, and then nothing for ever. */
async function* silent(): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${FILE_HEAD}id\n`);
  await new Promise(() => undefined);
}
function field(name: string, value: string): string {
  return `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
}

describe("a form", () => {
  test.each([1, 2, 7, 64, 10_000])("is read the same in pieces of %i bytes", async (size) => {
    const text = `${field("table", "people")}${FILE_HEAD}id\r\n1\r\n--a not yet\r\n${END}`;

    const form = await readFileForm(TYPE, bytesOf(text, size), receiver());

    expect(form.file).toBe("people.csv:id\r\n1\r\n--a not yet\r\n");
    expect([...form.fields]).toEqual([["table", "people"]]);
  });

  test("may hold an empty file", async () => {
    const form = await readFileForm(TYPE, bytesOf(`${FILE_HEAD}${END}`), receiver());

    expect(form.file).toBe("people.csv:");
  });

  test("without the file is read to its end", async () => {
    const text = `${FILE_HEAD.replace('"file"', '"other"')}${"x".repeat(300_000)}${END}`;

    const form = await readFileForm(TYPE, bytesOf(text, 1000), receiver());

    expect(form.file).toBeNull();
  });

  test("takes no more of the body than its receiver takes of the file", async () => {
    let sent = 0;
    const gate = new EventEmitter();
    const held = once(gate, "open");
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(FILE_HEAD);
      for (; sent < 100; sent++) yield new Uint8Array(65_536);
      yield Buffer.from(END);
    }
    const slow: FileReceiver<number> = {
      receive: async (_name, source) => {
        await held;
        let bytes = 0;
        for await (const piece of source) bytes += piece.length;
        return bytes;
      },
      discard: () => Promise.resolve(),
    };

    const reading = readFileForm(TYPE, body(), slow);
    // Everything that can be taken without the receiver is taken within a few turns of the loop.
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    const sentWhileHeld = sent;
    gate.emit("open");

    expect(sentWhileHeld).toBeLessThan(10);
    expect((await reading).file).toBe(100 * 65_536);
  });

  test("that a receiver refuses ends with the receiver's error, while the sender is silent", async () => {
    const full = new Error("no space");

    const reading = readFileForm(TYPE, silent(), {
      receive: () => Promise.reject(full),
      discard: () => Promise.resolve(),
    });

    await expect(reading).rejects.toBe(full);
  });

  test("that breaks off ends the receiver and tells the connection's error", async () => {
    const cut = Object.assign(new Error("aborted"), { code: "ECONNRESET" });
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`${FILE_HEAD}id\n`);
      throw cut;
    }
    let ended: unknown = null;

    const reading = readFileForm(TYPE, broken(), {
      receive: async (_name, source) => {
        try {
          await textOf(source);
        } catch (error) {
          ended = error;
          throw error;
        }
      },
      discard: () => Promise.resolve(),
    });

    await expect(reading).rejects.toBe(cut);
    expect(ended).toBe(cut);
  });

  test.each([
    ["a second file", `${FILE_HEAD}one\r\n${FILE_HEAD}two${END}`, "invalid_request"],
    [
      "too long a field",
      `${FILE_HEAD}one\r\n${field("a", "x".repeat(70_000))}--b--`,
      "invalid_request",
    ],
    ["too many fields", `${FILE_HEAD}one\r\n${field("a", "x").repeat(40)}--b--`, "invalid_request"],
    ["no end after its file", `${FILE_HEAD}one\r\n--b\r\nContent-Disp`, "malformed_request"],
  ])("with %s is refused, and its file is not kept", async (_case, text, code) => {
    const atOnce = receiver();
    const bitByBit = receiver();

    const refusals = [
      readFileForm(TYPE, bytesOf(text), atOnce),
      readFileForm(TYPE, bytesOf(text, 16), bitByBit),
    ];

    for (const refusal of refusals) await expect(refusal).rejects.toMatchObject({ code });
    expect([atOnce.kept.size, bitByBit.kept.size]).toEqual([0, 0]);
    expect(bitByBit.discarded).toEqual(["people.csv:one"]);
  });

  test.each(["multipart/form-data; boundary=", "multipart/form-data; charset=utf-8"])(
    "of the type %s is malformed",
    async (type) => {
      const reading = readFileForm(type, bytesOf(`${FILE_HEAD}one${END}`), receiver());

      await expect(reading).rejects.toMatchObject({ code: "malformed_request" });
    },
  );
});
