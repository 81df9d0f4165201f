/** Optional properties as the domain knows them: absent, or with a value. */

/** A copy of what a schema read, without properties that are `undefined`; nested objects are treated the same. */
export function present<T extends object>(value: T): PresentDeep<T> {
  const entries = Object.entries(value).flatMap(([key, entry]: [string, unknown]) =>
    entry === undefined ? [] : [[key, isPlain(entry) ? present(entry) : entry] as const],
  );
  // Exactly the properties with a value are left, so those that the type has left are of their own type.
  return Object.fromEntries(entries) as PresentDeep<T>;
}

/** The type without `undefined`, in nested plain objects too. */
type PresentDeep<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [Key in keyof T]: PresentDeep<Exclude<T[Key], undefined>> }
    : T;

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
