/**
 * Which params of a process are secrets, and how they are shown: as `…`. A param is one when the process's schema says so
 * (`writeOnly`, or the format `password`), or when its name does. Of every address the password is one.
 *
 * Jobs keep the real values; whatever shows a job shows `shownParams`. A rerun that sends `…` back means the value that it
 * stands for, so that who has seen a job can run it again with one other param changed.
 */
import { SluiceError } from "./errors.ts";

/** What stands for a secret. */
const SECRET_MASK = "…";

type Params = Readonly<Record<string, unknown>>;

const SECRET_NAME =
  /(?:password|passphrase|passwd|pwd|secret|token|credential|authorization|(?:^|[-_])auth|(?:api|access|private|secret|signing|encryption|auth)[-_]?key)s?$/i;

/** `pass` as a word of its own: neither `bypass` nor `compass`. */
const PASS_NAME = /(?:^|[-_])(?:pass|PASS)$|Pass$/;

/** Whether a param of this name is a secret whatever the schema says. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) || PASS_NAME.test(name);
}

/** A text with the password of an address replaced by `…`. */
export function hideUrlPassword(text: string): string {
  return text
    .replace(/^([^:/?#]+:\/\/[^:/?#]*):[^/?#]*@/, `$1:${SECRET_MASK}@`)
    .replace(/([?&](?:password|sslpassword)=)[^&#]*/gi, `$1${SECRET_MASK}`);
}

/** Whether a text is an address whose password is the mask. */
function hasHiddenPassword(text: string): boolean {
  return (
    /^[^:/?#]+:\/\/[^:/?#]*:…@/.test(text) || /[?&](?:password|sslpassword)=…(?:[&#]|$)/i.test(text)
  );
}

/** The places of the params, as JSON pointers, that a JSON Schema declares secret. */
export function secretPlaces(schema: Params | null, params: Params): readonly string[] {
  const search: Search = { root: schema, places: new Set(), looked: new Map() };
  visit({ schema, value: params, place: "" }, search);
  return [...search.places];
}

interface Search {
  readonly root: unknown;
  readonly places: Set<string>;
  /** The schemas that were looked at for a place: references may go round. */
  readonly looked: Map<string, Set<unknown>>;
}

interface Visit {
  readonly schema: unknown;
  readonly value: unknown;
  readonly place: string;
}

function visit(at: Visit, search: Search): void {
  const { schema, value, place } = at;
  const looked = search.looked.get(place) ?? new Set();
  if (!isObject(schema) || looked.has(schema)) return;
  search.looked.set(place, looked.add(schema));
  if (schema["writeOnly"] === true || schema["format"] === "password") search.places.add(place);
  for (const alike of alternativesOf(schema, search.root)) visit({ ...at, schema: alike }, search);
  const isList = Array.isArray(value);
  for (const [key, below] of entriesOf(value))
    visit(
      { schema: schemaOf(schema, key, isList), value: below, place: placeOf(place, key) },
      search,
    );
}

/** Schemas that hold for the same value. */
function alternativesOf(schema: Params, root: unknown): readonly unknown[] {
  const lists = ["anyOf", "oneOf", "allOf"].map((key) => schema[key]);
  const reference = schema["$ref"];
  return [
    ...lists.flatMap((list): readonly unknown[] => (Array.isArray(list) ? list : [])),
    ...(typeof reference === "string" ? [resolve(root, reference)] : []),
  ];
}

function resolve(root: unknown, reference: string): unknown {
  if (!reference.startsWith("#")) return null;
  let found = root;
  for (const step of reference.slice(1).split("/").slice(1))
    found = isObject(found) ? found[step.replaceAll("~1", "/").replaceAll("~0", "~")] : null;
  return found;
}

function schemaOf(schema: Params, key: string, isItem: boolean): unknown {
  if (!isItem) {
    const properties = schema["properties"];
    const own = isObject(properties) && Object.hasOwn(properties, key) ? properties[key] : null;
    return own ?? schema["additionalProperties"];
  }
  const first = schema["prefixItems"];
  return (
    (Array.isArray(first) ? (first as readonly unknown[])[Number(key)] : null) ?? schema["items"]
  );
}

/** The params as they may be shown. `places` are those of `secretPlaces`. */
export function shownParams(params: Params, places: readonly string[]): Params {
  // An object comes of an object.
  return shown(params, { name: "", place: "", places }) as Params;
}

interface Spot {
  readonly name: string;
  readonly place: string;
  readonly places: readonly string[];
}

/** A name says nothing of a switch such as `useToken` or a number such as `maxTokens`, and what is empty hides nothing. */
function isSecret(value: unknown, spot: Spot): boolean {
  if (value === null || value === undefined || value === "") return false;
  if (isDeclared(spot)) return true;
  return isSecretName(spot.name) && typeof value !== "boolean" && typeof value !== "number";
}

/** Of params that are a secret as a whole each is one. */
function isDeclared({ place, places }: Spot): boolean {
  if (place === "") return false;
  return places.includes(place) || (places.includes("") && place.lastIndexOf("/") === 0);
}

function shown(value: unknown, spot: Spot): unknown {
  if (isSecret(value, spot)) return SECRET_MASK;
  if (typeof value === "string") return hideUrlPassword(value);
  return mapValues(value, (below, key) => shown(below, spotBelow(spot, key)));
}

/**
 * Params in which what was shown of a secret of `before` is the secret again. In a list only when it is the list that was
 * shown, but for secrets: of one that was changed nothing tells which element is which.
 */
export function revealedParams(
  params: Params,
  before: { readonly params: Params; readonly places: readonly string[] },
): Params {
  const spot = { name: "", place: "", places: before.places };
  return reveal(params, before.params, spot) as Params; // as above
}

function reveal(value: unknown, before: unknown, spot: Spot): unknown {
  if (typeof value === "string") return value === shown(before, spot) ? before : value;
  if (Array.isArray(value) && !isSame(elements(value, spot), elements(before, spot))) return value;
  return mapValues(value, (below, key) => {
    const earlier = entriesOf(before).find(([name]) => name === key)?.[1];
    return reveal(below, earlier, spotBelow(spot, key));
  });
}

/** A list as it may be shown, of whose elements none is hidden as a whole for the list's name. */
function elements(list: unknown, spot: Spot): unknown {
  return mapValues(list, (each, key) => shown(each, spotBelow(spot, key)));
}

/** Whether two values of JSON are the same, in whatever order their names are. */
function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null)
    return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const entries = Object.entries(one);
  const others: ReadonlyMap<string, unknown> = new Map(Object.entries(other));
  return (
    entries.length === others.size &&
    entries.every(([key, value]) => others.has(key) && isSame(value, others.get(key)))
  );
}

/** Refuses params that hold `…` where a secret is wanted: it was copied from a job that does not show it. Errors: `invalid_request`. */
export function requireSecrets(params: Params, places: readonly string[]): void {
  const masked = maskedPlaces(params, { name: "", place: "", places });
  const detail = `Expected the secret itself; ${SECRET_MASK} only stands for it where a job is shown.`;
  if (masked.length === 0) return;
  throw new SluiceError("invalid_request", `${detail} Give the value of ${masked.join(", ")}.`, {
    details: {
      errors: masked.map((place) => ({
        pointer: `/params${place}`,
        code: "invalid_value",
        detail,
      })),
    },
  });
}

/** `isHidden`: the value is in one that is a secret as a whole. */
function maskedPlaces(value: unknown, spot: Spot, isHidden = false): readonly string[] {
  const isWanted = isHidden || isSecret(value, spot);
  if (typeof value === "string") {
    const isMasked = hasHiddenPassword(value) || (isWanted && value === SECRET_MASK);
    return isMasked ? [spot.place] : [];
  }
  return entriesOf(value).flatMap(([key, below]) =>
    maskedPlaces(below, spotBelow(spot, key), isWanted),
  );
}

function spotBelow({ place, places }: Spot, key: string): Spot {
  return { name: key, place: placeOf(place, key), places };
}

function placeOf(place: string, key: string): string {
  return `${place}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function mapValues(value: unknown, change: (value: unknown, key: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((each, at) => change(each, String(at)));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, change(each, key)]));
}

function entriesOf(value: unknown): readonly (readonly [key: string, value: unknown])[] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function isObject(value: unknown): value is Params {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
