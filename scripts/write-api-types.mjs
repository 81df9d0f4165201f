// Writes the types of the dashboard's API calls from the service's own OpenAPI document, so that the dashboard imports nothing
// of src/ and still fails its type check when a schema changes. `npm run docs` builds first and runs this. With --check nothing is written, and the exit code is 1 when a file is not what it would be. A
// test does that.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTypes from "openapi-typescript";
import { format } from "prettier";
import { createApp } from "../dist/api/create-app.js";

const TYPES_COMMENT = `/**
 * The schemas of the REST API as types. Written by \`npm run docs\` from the OpenAPI document: not to be edited.
 */

`;

const app = createApp({
  service: {}, // describing the routes calls none
  tokens: {},
  webhooks: {},
  judgeUrl: () => null,
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
await put("schema.ts", TYPES_COMMENT + wanted.replaceAll(/\/\*\*[^]*?\*\//g, ""));
async function put(name, code) {
  const file = fileURLToPath(new URL(`../dashboard/src/api/${name}`, import.meta.url));
  const text = await format(code, { parser: "typescript", printWidth: 100 });
  if (!process.argv.includes("--check")) return writeFileSync(file, text);
  if (existsSync(file) && readFileSync(file, "utf8") === text) return undefined;
  process.stderr.write(
    `dashboard/src/api/${name} is not what the API says: run \`npm run docs\`.\n`,
  );
  process.exitCode = 1;
}
