/** What the build of the dashboard holds: few bytes, no inline script or style, types that fit the API. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { ROOT } from "../docs/pages.ts";

const BUILT = join(ROOT, "dist/dashboard");
/** Script and style of the whole dashboard, with what is loaded later. */
const MOST_BYTES = 60_000;
/** What the first screen waits for. */
const MOST_FIRST_BYTES = 40_000;

interface Piece {
  readonly file: string;
  readonly css?: readonly string[];
  readonly isEntry?: boolean;
}

function bytesOf(pieces: readonly Piece[]): number {
  const files = new Set(pieces.flatMap(({ file, css = [] }) => [file, ...css]));
  return [...files].reduce(
    (sum, file) => sum + gzipSync(readFileSync(join(BUILT, file)), { level: 9 }).length,
    0,
  );
}

test("script and style stay small", () => {
  const manifest = readFileSync(join(BUILT, ".vite/manifest.json"), "utf8");
  const pieces = Object.values(JSON.parse(manifest) as Readonly<Record<string, Piece>>); // by Vite

  expect(bytesOf(pieces)).toBeLessThanOrEqual(MOST_BYTES);
  expect(bytesOf(pieces.filter((piece) => piece.isEntry === true))).toBeLessThanOrEqual(
    MOST_FIRST_BYTES,
  );
});

test("the page has no script and no style of its own", () => {
  const page = readFileSync(join(BUILT, "index.html"), "utf8");

  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
});

test("the types of the dashboard are those of the API", () => {
  const script = join(ROOT, "scripts/write-api-types.mjs");

  const run = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });

  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
});
