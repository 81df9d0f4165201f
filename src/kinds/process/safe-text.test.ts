import { expect, test } from "vitest";
import { safeFields, safeText } from "./safe-text.ts";

test("texts are cut at 2,000 characters and hold nothing that PostgreSQL refuses", () => {
  const texts = [safeText("x".repeat(3_000)), safeText("a\0b\uD800c"), safeText({ a: 1 })];

  expect(texts).toEqual([`${"x".repeat(1_999)}…`, "a\uFFFDb\uFFFDc", "{ a: 1 }"]);
});

test("fields are what JSON can carry", () => {
  const at = new Date(0);

  expect(safeFields(undefined)).toBeNull();
  expect(safeFields({ a: 1n, "b\0": "c\0", at, list: [1, "\uDC00"] })).toEqual({
    a: "1",
    "b\uFFFD": "c\uFFFD",
    at: "1970-01-01T00:00:00.000Z",
    list: [1, "\uFFFD"],
  });
  expect(safeFields("text")).toEqual({ value: "text" });
});

test("fields over 4 kB are cut, and what has no JSON is told", () => {
  const ring: Record<string, unknown> = {};
  ring["self"] = ring;

  const cut = safeFields({ long: "ä".repeat(4_000) });

  expect(String(cut?.["cut"]).startsWith('{"long":"ää')).toBe(true);
  expect(Buffer.byteLength(JSON.stringify(cut))).toBeLessThanOrEqual(4_096);
  expect(Object.keys(safeFields(ring) ?? {})).toEqual(["unreadable"]);
});
