import { expect, test } from "vitest";
import { z } from "zod";
import { SluiceError } from "./errors.ts";
import {
  isSecretName,
  requireSecrets,
  revealedParams,
  secretPlaces,
  shownParams,
} from "./secret-params.ts";

function schemaOf(schema: z.ZodType): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(schema, { io: "input" });
}

test.each([
  "password",
  "apiToken",
  "api_key",
  "accessKey",
  "client-secret",
  "tokens",
  "Authorization",
  "dbPwd",
  "credentials",
  "privateKey",
  "basic_auth",
  "pass",
  "smtpPass",
  "SMTP_PASS",
])("a param named %s is a secret", (name) => {
  expect(isSecretName(name)).toBe(true);
});

test.each([
  "key",
  "country",
  "tokenizer",
  "passwordLength",
  "monkey",
  "author",
  "sortKey",
  "bypass",
  "compass",
])("a param named %s is none by its name", (name) => {
  expect(isSecretName(name)).toBe(false);
});

test("a schema declares secrets, at any depth", () => {
  const hidden = z.string().meta({ writeOnly: true });
  const node = z.object({ pin: z.string().meta({ format: "password" }), name: z.string() });
  const schema = z.object({
    a: hidden.optional(),
    b: hidden.nullable(),
    c: hidden.default("x"),
    list: z.array(node),
    pair: z.tuple([z.string(), hidden]),
    map: z.record(z.string(), hidden),
    either: z.union([z.number(), node]),
    open: z.string(),
  });
  const params = {
    a: "1",
    b: "2",
    c: "3",
    list: [{ pin: "4", name: "n" }],
    pair: ["p", "5"],
    map: { "x/y": "6" },
    either: { pin: "7", name: "n" },
    open: "o",
  };

  const places = secretPlaces(schemaOf(schema), params);

  expect(places).toEqual(["/a", "/b", "/c", "/list/0/pin", "/pair/1", "/map/x~1y", "/either/pin"]);
  expect(shownParams(params, places)).toEqual({
    a: "…",
    b: "…",
    c: "…",
    list: [{ pin: "…", name: "n" }],
    pair: ["p", "…"],
    map: { "x/y": "…" },
    either: { pin: "…", name: "n" },
    open: "o",
  });
});

test("a schema that refers to itself, or tells nothing, has an end", () => {
  const schema = {
    $ref: "#/$defs/node",
    $defs: {
      node: {
        properties: { next: { $ref: "#/$defs/node" }, pin: { writeOnly: true } },
        anyOf: [{ $ref: "#/$defs/node" }, { $ref: "elsewhere" }, { $ref: "#/$defs/no/thing" }],
      },
    },
  };

  const params = { pin: "1", next: { pin: "2", next: {} } };

  expect(secretPlaces(schema, params).toSorted()).toEqual(["/next/pin", "/pin"]);
  expect(secretPlaces(null, { pin: "1" })).toEqual([]);
});

test("without a schema names and addresses are masked, and nothing that is empty or a switch", () => {
  const params = {
    url: "https://ann:s3cret@example.com/x",
    token: "s3cret",
    tokens: ["s3cret"],
    auth: { password: "s3cret", user: "ann" },
    useToken: true,
    maxTokens: 500,
    secret: "",
    apiKey: null,
    count: 7,
  };

  expect(shownParams(params, [])).toEqual({
    url: "https://ann:…@example.com/x",
    token: "…",
    tokens: "…",
    auth: "…",
    useToken: true,
    maxTokens: 500,
    secret: "",
    apiKey: null,
    count: 7,
  });
});

test("what was shown stands for the secret when it is sent back, and another value for itself", () => {
  const before = {
    params: {
      token: "s3cret",
      service: { url: "https://a:b@c.example", key: "k", list: ["x"] },
      label: "a",
    },
    places: ["/service/key"],
  };
  const sent = {
    token: "…",
    service: { url: "https://a:…@c.example", key: "…", list: ["x"] },
    label: "b",
    count: 2,
  };

  expect(revealedParams(sent, before)).toEqual({
    ...before.params,
    label: "b",
    count: 2,
  });
  expect(revealedParams({ token: "new", label: "…" }, before)).toEqual({
    token: "new",
    label: "…",
  });
});

test("the mask itself is refused as a secret", () => {
  const params = { token: "…", login: { pin: "…" }, label: "…" };
  let thrown: unknown = null;

  try {
    requireSecrets(params, ["/login/pin"]);
  } catch (error) {
    thrown = error;
  }

  expect(thrown).toBeInstanceOf(SluiceError);
  expect(thrown).toMatchObject({
    code: "invalid_request",
    details: { errors: [{ pointer: "/params/token" }, { pointer: "/params/login/pin" }] },
  });
  expect(() => requireSecrets({ token: "real", label: "…" }, [])).not.toThrow();
});

test.each([
  "postgres://u:…@h/db",
  "https://a@b:…@h",
  "postgres://u@h/db?sslmode=require&PASSWORD=…",
  "postgres://h/db?sslpassword=…#x",
])("an address with the mask for its password, %s, is refused", (dsn) => {
  expect(() => {
    requireSecrets({ target: { dsn } }, []);
  }).toThrow("Give the value of /target/dsn.");
});

test("the mask of one address does not go on to another", () => {
  const before = { params: { dsn: "postgres://u:s3cret@one/db" }, places: [] };

  const params = revealedParams({ dsn: "postgres://u:…@two/db" }, before);

  expect(() => {
    requireSecrets(params, []);
  }).toThrow("Give the value of /dsn.");
});

const SERVERS = [
  { url: "https://one", token: "s1" },
  { url: "https://two", token: "s2" },
];

test("secrets in a list that was not changed are the secrets again, and one may be another", () => {
  const before = { params: { servers: SERVERS }, places: [] };
  const sent = [
    { token: "…", url: "https://one" },
    { token: "new", url: "https://two" },
  ];

  expect(revealedParams({ servers: sent, label: "b" }, before)).toEqual({
    servers: [SERVERS[0], { url: "https://two", token: "new" }],
    label: "b",
  });
});

test.each([
  { what: "shorter", sent: [{ url: "https://two", token: "…" }] },
  {
    what: "in another order",
    sent: [
      { url: "https://two", token: "…" },
      { url: "https://one", token: "…" },
    ],
  },
  {
    what: "longer",
    sent: [
      { url: "https://one", token: "…" },
      { url: "https://two", token: "…" },
      { url: "https://three", token: "s3" },
    ],
  },
])("a list that is $what does not take the secrets of other elements", ({ sent }) => {
  const before = { params: { servers: SERVERS }, places: [] };

  const params = revealedParams({ servers: sent }, before);

  expect(params).toEqual({ servers: sent });
  expect(() => {
    requireSecrets(params, []);
  }).toThrow("Give the value of /servers/0/token");
});

test("the mask as an element of a secret list is refused", () => {
  const before = { params: { tokens: ["s1", "s2"] }, places: [] };

  expect(revealedParams({ tokens: "…" }, before)).toEqual(before.params);
  expect(() => {
    requireSecrets(revealedParams({ tokens: ["…"] }, before), []);
  }).toThrow("Give the value of /tokens/0.");
});

test("a number is a secret where the schema says so", () => {
  expect(shownParams({ pin: 1234, password: 5 }, ["/pin"])).toEqual({ pin: "…", password: 5 });
});

test("of params that are a secret as a whole each is one", () => {
  const schema = z.object({ a: z.string(), b: z.object({ c: z.number() }) });
  const params = { a: "s1", b: { c: 1 } };
  const places = secretPlaces(schemaOf(schema.meta({ writeOnly: true })), params);

  const shown = shownParams(params, places);

  expect(shown).toEqual({ a: "…", b: "…" });
  expect(revealedParams(shown, { params, places })).toEqual(params);
});
