/** The version of this package. */
import { readFileSync } from "node:fs";

// package.json lies one folder up, both from src/ and from dist/.
const manifest: unknown = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
);

/** As in package.json: `1.2.3`. */
export const VERSION: string =
  typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "0.0.0";
