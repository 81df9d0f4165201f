import { expect, test } from "vitest";
import { z } from "zod";
import { paramsOf } from "./process-params.ts";

const schema = z.object({
  country: z.enum(["IN", "DE"]).default("IN"),
  parallel: z.number().int(),
  share: z.number(),
  isDry: z.boolean(),
  tags: z.array(z.string()),
  place: z.object({ city: z.string() }),
  limit: z.number().nullable(),
  either: z.union([z.string(), z.number()]),
  loose: z.unknown(),
  zip: z.string(),
});
const PROCESS = {
  name: "create-teams",
  // A schema of zod is JSON.
  params: z.toJSONSchema(schema, { io: "input" }) as Readonly<Record<string, unknown>>,
};

test.each([
  ["country=DE", { country: "DE" }],
  ["parallel=8", { parallel: 8 }],
  ["share=-1.5e3", { share: -1500 }],
  ["isDry=true", { isDry: true }],
  ["isDry=false", { isDry: false }],
  ['tags=["a","b"]', { tags: ["a", "b"] }],
  ["tags=a", { tags: ["a"] }],
  ['place={"city":"Köln"}', { place: { city: "Köln" } }],
  ["limit=null", { limit: null }],
  ["limit=3", { limit: 3 }],
  ["either=x", { either: "x" }],
  ["loose=12", { loose: "12" }],
  ["zip=02139", { zip: "02139" }],
  ["zip=a=b", { zip: "a=b" }],
  ["zip=", { zip: "" }],
])("%s becomes what the schema says", (pair, params) => {
  expect(paramsOf([pair], PROCESS)).toEqual(params);
});

test("several are taken, and a list one by one", () => {
  expect(paramsOf(["zip=1", "tags=a", "tags=b"], PROCESS)).toEqual({ zip: "1", tags: ["a", "b"] });
});

test.each([
  ["zip", "Expected --param NAME=VALUE, such as --param country=IN"],
  ["=x", "Expected --param NAME=VALUE"],
  ["__proto__=x", "Expected --param NAME=VALUE"],
  ["parallel=many", 'Expected --param parallel to be a whole number, got "many".'],
  ["isDry=yes", 'Expected --param isDry to be true or false, got "yes".'],
  ["place=Köln", "Expected --param place to be an object as JSON"],
  ["place=[]", "Expected --param place to be an object as JSON"],
  ["contry=IN", "The process create-teams has no param contry. Did you mean country?"],
])("%s is refused: %s", (pair, message) => {
  expect(() => paramsOf([pair], PROCESS)).toThrow(message);
});

test("one that is given twice is refused where it is no list", () => {
  expect(() => paramsOf(["zip=1", "zip=2"], PROCESS)).toThrow("--param zip is given twice");
});

test.each([
  ["that tells nothing of its params", null],
  ["that takes any", z.toJSONSchema(z.record(z.string(), z.string()))],
  ["that takes further ones", z.toJSONSchema(z.looseObject({ a: z.string() }), { io: "input" })],
])("a process %s gets texts", (_case, params) => {
  // A schema of zod is JSON.
  const process = { name: "any", params: params as Readonly<Record<string, unknown>> | null };

  expect(paramsOf(["x=1"], process)).toEqual({ x: "1" });
});

test("references within the schema are followed, however they go round", () => {
  const params = {
    properties: { at: { $ref: "#/$defs/count" }, round: { $ref: "#/$defs/round" } },
    $defs: { count: { type: "integer" }, round: { $ref: "#/$defs/round" } },
  };

  expect(paramsOf(["at=7", "round=x"], { name: "any", params })).toEqual({ at: 7, round: "x" });
});
