import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OPEN_END } from "./job.ts";
import {
  RECORD_OUTCOMES,
  rangesFrom,
  rangesOf,
  type BookedPart,
  type BookedRecords,
  type RecordOutcome,
  type RecordPlace,
} from "./record-ranges.ts";

/** A source as lengths of its records, cut into parts that are committed up to a checkpoint. */
interface Scene {
  readonly places: readonly RecordPlace[];
  readonly rejected: ReadonlySet<number>;
  readonly books: BookedRecords;
}

const HEADER_BYTES = 10;

const scenes: fc.Arbitrary<Scene> = fc
  .record({
    lengths: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 40 }),
    cuts: fc.array(fc.nat(40), { maxLength: 5 }),
    searched: fc.nat(5),
    done: fc.array(fc.nat(40), { minLength: 6, maxLength: 6 }),
    rejected: fc.array(fc.nat(40)),
    isUndone: fc.boolean(),
  })
  .map(({ lengths, cuts, searched, done, rejected, isUndone }) => {
    const places = placesOf(lengths);
    const count = lengths.length;
    const at = (index: number): RecordPlace => places[Math.min(index, count)] as RecordPlace; // the last is the end
    const borders = [...new Set([0, ...cuts.filter((cut) => cut < count), count])].toSorted(
      (left, right) => left - right,
    );
    const spans = borders.slice(1).map((end, index) => ({ start: borders[index] ?? 0, end }));
    // The search for parts has reached the end of the first parts only.
    const known = spans.slice(0, searched);
    const parts = known.map(({ start, end }, index): BookedPart => {
      const next = Math.min(start + (done[index] ?? 0), end);
      const isRejected = (record: number): boolean => record >= start && record < next;
      return {
        partNo: index + 1,
        first: at(start),
        next: at(next),
        endByte: at(end).byte,
        rejected: new Set(rejected.filter(isRejected)).size,
      };
    });
    const isCommitted = (record: number): boolean =>
      parts.some(({ first, next }) => record + 1 >= first.record && record + 1 < next.record);
    const search = {
      partNo: 0,
      first: at(0),
      next: at(known.at(-1)?.end ?? 0),
      endByte: at(count).byte,
      rejected: 0,
    };
    return {
      places: places.slice(0, count),
      rejected: new Set(rejected.filter(isCommitted)),
      books: { parts: [...parts, search].toReversed(), isUndone },
    };
  });

function placesOf(lengths: readonly number[]): RecordPlace[] {
  let byte = HEADER_BYTES;
  return [...lengths, 0].map((length, index) => {
    const place = { byte, record: index + 1, line: index + 2 };
    byte += length;
    return place;
  });
}

/** The records of an outcome, as a reader of the ranges finds them. */
function recordsOf({ places, rejected, books }: Scene, outcome: RecordOutcome): RecordPlace[] {
  const isRejected = ({ record }: RecordPlace): boolean => rejected.has(record - 1);
  return rangesOf(books, outcome).flatMap(({ start, endByte, hasRejected }) => {
    const inside = places.filter(({ byte }) => byte >= start.byte && byte < endByte);
    expect(inside[0]).toEqual(start);
    expect(inside.some(isRejected)).toBe(hasRejected);
    return inside.filter((place) => isRejected(place) === (outcome === "rejected"));
  });
}

const byPlace = (left: RecordPlace, right: RecordPlace): number => left.byte - right.byte;

describe("the outcomes of a job", () => {
  test("have every record of the source in exactly one of them, each in the order of the source", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const lists = RECORD_OUTCOMES.map((outcome) => recordsOf(scene, outcome));

        for (const list of lists) expect(list).toEqual(list.toSorted(byPlace));
        expect(lists.flat().toSorted(byPlace)).toEqual(scene.places);
      }),
    );
  });

  test("have nothing written once it is undone", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const undone = { ...scene, books: { ...scene.books, isUndone: true } };

        expect(recordsOf(undone, "written")).toEqual([]);
        expect(recordsOf(undone, "rejected")).toEqual(recordsOf(scene, "rejected"));
      }),
    );
  });

  test("can be gone on with at any record", () => {
    fc.assert(
      fc.property(scenes, fc.nat(40), (scene, index) => {
        const from = scene.places[index % Math.max(1, scene.places.length)];
        if (from === undefined) return;
        const ranges = rangesOf(scene.books, "unprocessed");
        const bytesOf = (all: typeof ranges): number[] =>
          scene.places
            .filter(({ byte }) =>
              all.some(({ start, endByte }) => byte >= start.byte && byte < endByte),
            )
            .map(({ byte }) => byte);

        const rest = rangesFrom(ranges, from);

        expect(bytesOf(rest)).toEqual(bytesOf(ranges).filter((byte) => byte >= from.byte));
        for (const { start } of rest) expect(scene.places).toContainEqual(start);
      }),
    );
  });
});

test("what the search has not found of a file that arrives is no record yet", () => {
  const start = { byte: 10, record: 1, line: 2 };
  const found = { byte: 40, record: 4, line: 5 };
  const books: BookedRecords = {
    parts: [
      { partNo: 0, first: start, next: found, endByte: OPEN_END, rejected: 0 },
      { partNo: 1, first: start, next: start, endByte: found.byte, rejected: 0 },
    ],
    isUndone: false,
  };

  expect(rangesOf(books, "unprocessed")).toEqual([{ start, endByte: 40, hasRejected: false }]);
});
