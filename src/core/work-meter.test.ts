import { expect, test } from "vitest";
import { DURATION_BUCKETS_SECONDS, WorkMeter } from "./work-meter.ts";

test("what two count over one memory adds up, each kind apart, with durations in every bucket that holds them", () => {
  const first = new WorkMeter();
  const second = new WorkMeter(first.memory);

  first.chunk("import", {
    seconds: 0.02,
    recordsRead: 7,
    recordsWritten: 5,
    recordsRejected: 2,
    bytes: 90,
  });
  second.chunk("import", {
    seconds: 11,
    recordsRead: 3,
    recordsWritten: 3,
    recordsRejected: 0,
    bytes: 10,
  });
  second.pause(0.01);

  const { kinds, pauses } = first.read();
  expect(kinds[0]).toEqual({
    kind: "import",
    recordsRead: 10,
    recordsWritten: 8,
    recordsRejected: 2,
    bytes: 100,
    chunks: {
      count: 2,
      seconds: 11.02,
      buckets: DURATION_BUCKETS_SECONDS.map((bound) => (bound >= 0.02 ? 1 : 0)),
    },
  });
  expect(kinds[1]).toMatchObject({ kind: "export", recordsRead: 0, chunks: { count: 0 } });
  expect(pauses).toEqual({
    count: 1,
    seconds: 0.01,
    buckets: DURATION_BUCKETS_SECONDS.map(() => 1),
  });
});
