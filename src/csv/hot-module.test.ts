import { expect, test } from "vitest";
import { hotModule } from "./hot-module.ts";

/** How far a load may go behind the input, and a store behind the rows, with what ends every search: see `assembly/layout.ts`. */
const LOADED_BEYOND = 4 + 40;
const STORED_BEYOND = 64;

test("what the hot pass has in memory lies behind each other, with room for loads and stores that go further", () => {
  const { at, bytes } = hotModule();
  const ends: readonly (readonly [what: string, end: number, limit: number])[] = [
    ["parameters", at("PARAMETERS") + 4 * (at("SKIP_LAST_START") + 1), at("FIELDS")],
    ["brackets", at("OPEN_BRACKETS") + at("OPEN_BRACKETS_BYTES"), at("PARAMETERS")],
    ["fields", at("FIELDS") + at("MAX_FIELDS") * at("FIELD_BYTES"), at("LABELS")],
    ["labels", at("LABELS") + at("LABELS_BYTES"), at("INPUT")],
    ["input", at("INPUT") + at("INPUT_BYTES") + LOADED_BEYOND, at("ENTRIES")],
    ["entries", at("ENTRIES") + at("MAX_ROWS") * at("ENTRY_BYTES"), at("OUTPUT")],
    ["rows", at("OUTPUT") + at("OUTPUT_BYTES") + STORED_BEYOND, bytes.length],
  ];

  expect(ends.filter(([, end, limit]) => end > limit)).toEqual([]);
});
