import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { defineProcess, isProcess } from "./define-process.ts";
import type { NoParams, Process, TextRecord } from "./process.ts";

test("a definition with a name and run gets the defaults", () => {
  const process = defineProcess({ name: "greet", run: () => undefined });

  expect(process).toMatchObject({
    title: "greet",
    description: null,
    params: null,
    record: null,
    batchSize: 1_000,
    retries: 3,
    isolate: false,
    timeoutSeconds: 300,
    output: null,
    undo: null,
  });
  expect(isProcess(process)).toBe(true);
  expect(isProcess({ name: "greet" })).toBe(false);
});

test("the types of records and params follow from the schemas", () => {
  const process = defineProcess({
    name: "greet",
    params: z.object({ greeting: z.string().default("Hello") }),
    record: z.object({ email: z.string(), age: z.coerce.number() }),
    run(batch, ctx) {
      expectTypeOf(batch.records[0]).toEqualTypeOf<{ email: string; age: number } | undefined>();
      expectTypeOf(ctx.params).toEqualTypeOf<{ greeting: string }>();
      expectTypeOf(ctx.batch).toEqualTypeOf(batch);
    },
    undo(batch, ctx) {
      expectTypeOf(batch.records[0]).toEqualTypeOf<{ email: string; age: number } | undefined>();
      expectTypeOf(ctx.params).toEqualTypeOf<{ greeting: string }>();
    },
  });

  expectTypeOf(process).toExtend<Process>();
});

test("without schemas records are texts, and there are no params", () => {
  defineProcess({
    name: "greet",
    run(batch, ctx) {
      expectTypeOf(batch.records).toEqualTypeOf<readonly TextRecord[]>();
      expectTypeOf(ctx.params).toEqualTypeOf<NoParams>();
    },
  });
});

const run = (): void => undefined;

test.each([
  [undefined, "Expected defineProcess to be an object with `name` and `run`, got nothing."],
  [{ name: "a", run, batchsize: 3 }, "defineProcess does not know `batchsize`."],
  [{ name: "Create Teams", run }, 'not beginning with `-`, got "Create Teams".'],
  [{ name: "a" }, "Expected `run` of the process to be a function, got nothing."],
  [{ name: "a", run, undo: true }, "Expected `undo` of the process to be a function, got true."],
  [{ name: "a", run, title: 3 }, "Expected `title` of the process to be text, got 3."],
  [{ name: "a", run, batchSize: 0 }, "to be a number from 1 to 50000, got 0."],
  [{ name: "a", run, batchSize: 1.5 }, "to be a number from 1 to 50000, got 1.5."],
  [{ name: "a", run, retries: -1 }, "`retries` of the process to be a number from 0 to 100"],
  [{ name: "a", run, timeoutSeconds: "9" }, 'a number from 1 to 86400, got "9".'],
  [{ name: "a", run, isolate: 1 }, "`isolate` of the process to be true or false, got 1."],
  [{ name: "a", run, params: { a: 1 } }, "`params` of the process to be a schema that keeps to"],
  [{ name: "a", run, output: {} }, "`output.columns` of the process to be names or a function"],
  [{ name: "a", run, output: { columns: [] } }, "at least one name, got an empty list."],
  [{ name: "a", run, output: { columns: ["x", "x"] } }, "got `x` twice."],
  [{ name: "a", run, output: { columns: ["x", 1] } }, "`output.columns[1]` of the process"],
])("a definition that is wrong is told what is: %#", (definition, message) => {
  const define = defineProcess as (definition: unknown) => unknown; // as from JavaScript

  expect(() => define(definition)).toThrow(message);
});
