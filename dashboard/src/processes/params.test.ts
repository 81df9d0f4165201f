import { expect, test } from "vitest";
import { fieldsOf, paramsOf, textsOf } from "./params.ts";

const SCHEMA = {
  type: "object",
  properties: {
    baseUrl: { type: "string", format: "uri" },
    parallel: { type: "integer", minimum: 1, maximum: 64, default: 8 },
    country: { type: "string", enum: ["IN", "DE"], default: "DE" },
    isDry: { type: "boolean", default: true },
    apiToken: { type: "string" },
    tags: { type: "array", items: { type: "string" } },
    note: { type: "string", title: "A note", description: "for people" },
  },
  required: ["baseUrl"],
};
const FIELDS = fieldsOf({ params: SCHEMA });

test("each param has the field that its schema asks for", () => {
  expect(
    FIELDS.map(({ name, kind, isRequired, initial }) => [name, kind, isRequired, initial]),
  ).toEqual([
    ["baseUrl", "text", true, ""],
    ["parallel", "number", false, "8"],
    ["country", "choice", false, "1"],
    ["isDry", "switch", false, "true"],
    ["apiToken", "secret", false, ""],
    ["tags", "json", false, ""],
    ["note", "text", false, ""],
  ]);
  expect(FIELDS.map(({ hint }) => hint).slice(0, 2)).toEqual([
    "an address such as https://example.com",
    "whole number from 1 to 64",
  ]);
  expect(FIELDS[6]).toMatchObject({ label: "A note", hint: "for people" });
});

test("defaults are sent as they are shown, and what is empty is not", () => {
  expect(paramsOf(FIELDS, {})).toEqual({ parallel: 8, country: "DE", isDry: true });
});

test("texts become values of their types, and what is no such value goes as it is", () => {
  const texts = { parallel: "many", country: "0", isDry: "false", tags: '["a"]', note: "7" };

  expect(paramsOf(FIELDS, texts)).toEqual({
    parallel: "many",
    country: "IN",
    isDry: false,
    tags: ["a"],
    note: "7",
  });
});

test("the params of a job before fill the fields", () => {
  const params = { parallel: 2, country: "IN", isDry: false, tags: ["x"] };

  expect(paramsOf(FIELDS, textsOf(FIELDS, params))).toEqual(params);
});

test("a process without params has no fields", () => {
  expect(fieldsOf({ params: null })).toEqual([]);
});
