import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { inTurns, Turns } from "./turns.ts";

test("no more is done at a time, and what waits goes on in its order, also behind what fails", async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const works = [0, 1, 2, 3].map((work) =>
    turns.run(async () => {
      begun.push(work);
      await new Promise<void>((resolve, reject) => {
        ends[work] = work === 0 ? () => reject(new Error("no")) : resolve;
      });
    }),
  );
  const ended = Promise.allSettled(works);
  await setImmediate();
  expect(begun).toEqual([0, 1]);

  ends[0]?.();
  await setImmediate();
  expect(begun).toEqual([0, 1, 2]);
  ends[1]?.();
  ends[2]?.();
  await setImmediate();
  ends[3]?.();

  expect((await ended).map(({ status }) => status)).toEqual([
    "rejected",
    "fulfilled",
    "fulfilled",
    "fulfilled",
  ]);
});

test("who is slow to take a part keeps nobody waiting, and who is gone gets no turn", async () => {
  const turns = new Turns(1);
  const gone = new AbortController();
  const made: string[] = [];
  const closed: string[] = [];
  async function* make(name: string): AsyncGenerator<string, void> {
    try {
      for (let part = 1; part <= 3; part++) {
        made.push(`${name}${part}`);
        yield await Promise.resolve(`${name}${part}`);
      }
    } finally {
      closed.push(name);
    }
  }
  const slow = inTurns(make("a"), turns, gone.signal);
  const other = inTurns(make("b"), turns, undefined);

  await slow.next();
  const parts: string[] = [];
  for await (const part of other) parts.push(part);
  gone.abort(new Error("gone"));

  await expect(slow.next()).rejects.toThrow("gone");
  expect({ parts, made, closed }).toEqual({
    parts: ["b1", "b2", "b3"],
    made: ["a1", "b1", "b2", "b3"],
    closed: ["b", "a"],
  });
});
