import { expect, test } from "vitest";
import { ENGINE_DEFAULTS } from "../core/engine-settings.ts";
import { ChunkPace } from "./chunk-pace.ts";

const MIB = 1024 * 1024;
const { chunkTargetMs, maxChunkBytes } = ENGINE_DEFAULTS;

function paceAt(bytes: number): ChunkPace {
  const pace = new ChunkPace(ENGINE_DEFAULTS);
  pace.begin("job_1");
  pace.learn({ bytes, ms: chunkTargetMs });
  return pace;
}

test("a job begins with chunks of 1 MiB, whatever another has learned", () => {
  const pace = paceAt(4 * MIB);
  pace.begin("job_2");

  expect(pace.bytes).toBe(MIB);
});

test("grows while chunks are quick and shrinks when they are slow, also in the next part", () => {
  const pace = paceAt(MIB);

  pace.learn({ bytes: MIB, ms: chunkTargetMs / 4 });
  pace.begin("job_1");
  expect(pace.bytes).toBe(2 * MIB);

  pace.learn({ bytes: 2 * MIB, ms: chunkTargetMs * 2 });
  expect(pace.bytes).toBe(MIB);
});

test("learns nothing from a short rest of a part, unless it was slow", () => {
  const pace = paceAt(maxChunkBytes);

  pace.learn({ bytes: 1000, ms: 2 });
  expect(pace.bytes).toBe(maxChunkBytes);

  pace.learn({ bytes: MIB, ms: chunkTargetMs });
  expect(pace.bytes).toBe(MIB);
});
