/** The folder of processes as the catalog tells it. */
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CompiledSource } from "../support/compiled-child.ts";
import { aProcess, compileHost, openTestFolder } from "./process-folder.ts";

let source: CompiledSource;

beforeAll(() => {
  source = compileHost();
});

afterAll(() => source.remove());

test("processes are described by what their files say, in every kind of file", async () => {
  const text = `import { z } from "zod";
import { defineProcess } from "sluice";
export default defineProcess({
  name: "teams", title: "Make teams", description: "One each.", batchSize: 20,
  params: z.object({ baseUrl: z.url(), parallel: z.number().default(8) }),
  output: { columns: ["id"] },
  run() {}, undo() {},
});
`;
  using folder = openTestFolder(source, {
    "teams.ts": text,
    "b.mts": aProcess("b", ""),
    "c.mjs": aProcess("c", ""),
    "d.js": aProcess("d", ""),
    "_words.ts": "throw new Error('not loaded');",
    "teams.test.ts": "throw new Error('not loaded');",
    "types.d.ts": "export {};",
    "below/e.ts": "throw new Error('not loaded');",
    "notes.md": "#",
  });

  const { processes, broken } = await folder.catalog.list();

  expect(broken).toEqual([]);
  expect(processes.map(({ name }) => name)).toEqual(["b", "c", "d", "teams"]);
  expect(processes[0]).toEqual({
    name: "b",
    title: "b",
    description: null,
    fileName: "b.mts",
    params: null,
    batchSize: 1_000,
    hasUndo: false,
    hasOutput: false,
    source: aProcess("b", ""),
  });
  expect(await folder.catalog.get("teams")).toEqual({
    name: "teams",
    title: "Make teams",
    description: "One each.",
    fileName: "teams.ts",
    params: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: {
        baseUrl: { type: "string", format: "uri" },
        parallel: { type: "number", default: 8 },
      },
      required: ["baseUrl"],
    },
    batchSize: 20,
    hasUndo: true,
    hasOutput: true,
    source: text,
  });
});

test.each<[string, string, string | RegExp, number | null]>([
  [
    "a syntax error",
    `import { defineProcess } from "sluice";\n\nexport default defineProcess({\n  name: "x" x,\n});\n`,
    'x.ts line 4: Unexpected token, expected ","',
    4,
  ],
  [
    "an error while it loads",
    `const a: number = 1;\n\nthrow new Error("no " + a);\n`,
    "x.ts line 3: no 1",
    3,
  ],
  [
    "a wrong definition",
    `import { defineProcess } from "sluice";\n\nexport default defineProcess({ name: "x", batchSize: 0, run() {} });\n`,
    /^x\.ts line 3: TypeError: Expected `batchSize` .* got 0\.$/,
    3,
  ],
  [
    "an import of nothing",
    `\nimport x from "not-there";\nexport default x;\n`,
    "x.ts line 2: Cannot find module 'not-there'",
    2,
  ],
  [
    "no default export",
    "export const x = 1;\n",
    /^x\.ts: Expected the file to export a process by default/,
    null,
  ],
  [
    "another name",
    aProcess("y", ""),
    'x.ts: Expected the process to have the name of its file, "x", got "y". Rename one of them.',
    null,
  ],
  [
    "an end while it loads",
    "process.exit(4);\n",
    "x.ts ended while being loaded: Its operating system process left with exit code 4.",
    null,
  ],
  [
    "a loop while it loads",
    "for (;;);\n",
    "x.ts ended while being loaded: It did not come to an end within 4 s. Is there a loop?",
    null,
  ],
  [
    "a wait while it loads",
    "await new Promise(() => {});\n",
    /did not come to an end within 4 s/,
    null,
  ],
  [
    "more memory than it may while it loads",
    "const held = []; for (;;) held.push(Buffer.alloc(3e7, 1));",
    /ended while being loaded: It had \d+ MB of memory; 512 MB are allowed/,
    null,
  ],
])("a file with %s is told by place", async (_, text, message, line) => {
  using folder = openTestFolder(
    source,
    { "x.ts": text, "good.ts": aProcess("good", "") },
    // Long enough for a file that does load, whatever else the machine does.
    String(message).includes("come to an end") ? { loadMs: 4_000 } : {},
  );

  const { processes, broken } = await folder.catalog.list();

  expect(processes.map(({ name }) => name)).toEqual(["good"]);
  expect(broken).toEqual([
    {
      fileName: "x.ts",
      name: "x",
      line,
      message: typeof message === "string" ? message : expect.stringMatching(message),
    },
  ]);
  await expect(folder.catalog.get("x")).rejects.toMatchObject({
    code: "process_broken",
    message: broken[0]?.message,
  });
});

test("a fault in a file that a process imports names that file", async () => {
  using folder = openTestFolder(source, {
    "x.ts": `import { word } from "./words/word.ts";\nexport default word;\n`,
    "words/word.ts": "export const word = 1;\nexport const = 2;\n",
  });

  const { broken } = await folder.catalog.list();

  expect(broken[0]?.message).toBe("words/word.ts line 2: Unexpected token");
});

test("files whose names are no names of processes are told so", async () => {
  using folder = openTestFolder(source, {
    "Make_Teams.ts": "",
    "a.mjs": aProcess("a", ""),
    "a.ts": aProcess("a", ""),
  });

  const { processes, broken } = await folder.catalog.list();

  expect(processes.map(({ fileName }) => fileName)).toEqual(["a.ts"]);
  expect(broken.map(({ message }) => message)).toEqual([
    expect.stringContaining('digits and `-`, got "Make_Teams". Rename the file'),
    "a.mjs: a.ts has the same name. Rename or remove one of them.",
  ]);
  await expect(folder.catalog.get("a")).rejects.toMatchObject({ code: "process_broken" });
});

test("a name that is not there is told with those that are", async () => {
  using folder = openTestFolder(source, { "a.ts": "", "b.ts": "" });

  const missing = folder.catalog.get("c");

  await expect(missing).rejects.toMatchObject({
    code: "process_not_found",
    message: 'Expected the name of a process, got "c". There is a, b.',
  });
});

test("an absent folder has no processes", async () => {
  const folder = openTestFolder(source);
  folder[Symbol.dispose]();

  const { processes, broken } = await folder.catalog.list();

  expect([processes, broken]).toEqual([[], []]);
});

test("a file is described anew when it, or what it imports, has changed, and only then", async () => {
  using folder = openTestFolder(source, {
    "a.ts": `import { title } from "./words/title.ts";\n${aProcess("a", "", "title,")}`,
    "words/title.ts": `export const title = "one" + " " + process.pid;`,
  });
  const titleNow = async (): Promise<string> => (await folder.catalog.get("a")).title;

  const first = await titleNow();
  const again = await titleNow();
  const [both, other] = await Promise.all([titleNow(), titleNow()]);
  folder.write("words/title.ts", `export const title = "two" + " " + process.pid;`);
  const changed = await titleNow();
  utimesSync(join(folder.folder, "a.ts"), 1, 1);
  const touched = await titleNow();

  expect([again, both, other]).toEqual([first, first, first]);
  expect(changed).toMatch(/^two /);
  expect(touched).toMatch(/^two /);
  expect(touched).not.toBe(changed);
});

test("a broken file is looked at again when something in the folder has changed", async () => {
  using folder = openTestFolder(source, {
    "a.ts": `import { title } from "./words.ts";\n${aProcess("a", "", "title,")}`,
  });
  const before = await folder.catalog.list();

  folder.write("words.ts", `export const title = "found";`);
  const after = await folder.catalog.list();

  expect(before.broken).toMatchObject([{ name: "a", line: 1 }]);
  expect(after.processes).toMatchObject([{ name: "a", title: "found" }]);
});

test("a process says which params it refuses, and which columns its result has", async () => {
  using folder = openTestFolder(source, {
    "a.ts": `import { z } from "zod";\n${aProcess("a", "", "params: z.strictObject({ at: z.object({ 'x/y': z.number() }) }), output: { columns: (fields) => ['n', ...fields] },")}`,
    "b.ts": aProcess(
      "b",
      "",
      "output: { columns: (fields) => fields.filter((field) => field === 'no') },",
    ),
    "c.ts": aProcess("c", ""),
  });
  const { catalog } = folder;
  const fields = ["name", "age"];

  const prepared = await catalog.prepare("a", { params: { at: { "x/y": 1 } }, fields });
  const without = await catalog.prepare("c", { params: {}, fields });

  expect(prepared).toEqual({ outputColumns: ["n", "name", "age"] });
  expect(without).toEqual({ outputColumns: null });
  await expect(
    catalog.prepare("a", { params: { at: { "x/y": "1" }, more: 1 }, fields }),
  ).rejects.toMatchObject({
    code: "invalid_request",
    details: { errors: [{ pointer: "/params/at/x~1y" }, { pointer: "/params" }] },
  });
  await expect(catalog.prepare("c", { params: { a: 1 }, fields })).rejects.toMatchObject({
    message: "params.a: c takes no params.",
  });
  await expect(catalog.prepare("b", { params: {}, fields })).rejects.toMatchObject({
    code: "process_broken",
    message: expect.stringContaining("at least one name, got an empty list"),
  });
});
