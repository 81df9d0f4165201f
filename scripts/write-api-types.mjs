// Writes the types of the dashboard's API calls from the service's own OpenAPI document, so that the dashboard imports
// nothing of src/ and still fails its type check when a schema changes. `npm run docs` builds first and runs this. With
// --check nothing is written, and the exit code is 1 when the file is not what it would be. A test does that.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTypes from "openapi-typescript";
import { format } from "prettier";
import { createApp } from "../dist/api/create-app.js";

const FILE = fileURLToPath(new URL("../dashboard/src/api/schema.ts", import.meta.url));
const COMMENT = `/**
 * The schemas of the REST API as types. Written by \`npm run docs\` from the OpenAPI document: not to be edited.
 */

`;

const app = createApp({
  service: {}, // describing the routes calls none
  access: { kind: "open" },
  info: { version: "" },
  log: () => undefined,
});
const document = await (await app.request("/openapi.json")).json();
// The schemas alone: the calls are few and written by hand.
const schemas = {
  openapi: document.openapi,
  info: document.info,
  paths: {},
  components: { schemas: document.components.schemas },
};
const types = await openapiTypes(schemas, { immutableTypes: true });
const wanted = types.match(/export interface components \{[^]*?\n\}/)?.[0];
if (wanted === undefined) throw new Error("The generator wrote no interface named components.");
const text = await format(COMMENT + wanted.replaceAll(/\/\*\*[^]*?\*\//g, ""), {
  parser: "typescript",
  printWidth: 100,
});

if (!process.argv.includes("--check")) writeFileSync(FILE, text);
else if (readFileSync(FILE, "utf8") !== text) {
  process.stderr.write(
    "dashboard/src/api/schema.ts is not what the API says: run `npm run docs`.\n",
  );
  process.exitCode = 1;
}
