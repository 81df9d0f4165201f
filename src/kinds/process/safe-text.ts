/** Texts of user code on their way into the database, which takes neither NUL nor half of a surrogate pair. */
import { inspect } from "node:util";
import { messageOf } from "../../core/message-of.ts";

const MESSAGE_CHARACTERS = 2_000;
const FIELDS_BYTES = 4_096;

/** A value as a text that PostgreSQL can store, of at most 2,000 characters, the last of them `…` where it was cut. */
export function safeText(value: unknown): string {
  // Authors write JavaScript too, and pass what is no text.
  const text = typeof value === "string" ? value : inspect(value);
  const cut = text.length > MESSAGE_CHARACTERS ? `${text.slice(0, MESSAGE_CHARACTERS - 1)}…` : text;
  return storable(cut);
}

/**
 * Fields of a line of the log as JSON can carry them, at most 4 kB of it. Longer ones become `{ cut }` with the beginning
 * of their JSON, and what has no JSON `{ unreadable }` with the reason.
 */
export function safeFields(fields: unknown): Readonly<Record<string, unknown>> | null {
  if (fields === undefined || fields === null) return null;
  try {
    const json = JSON.stringify(fields, storableValue) ?? "null";
    if (Buffer.byteLength(json) > FIELDS_BYTES)
      return { cut: storable(Buffer.from(json).toString("utf8", 0, FIELDS_BYTES - 512)) };
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>) // what JSON.parse makes of an object
      : { value };
  } catch (error) {
    return { unreadable: safeText(messageOf(error)) };
  }
}

function storableValue(_key: string, value: unknown): unknown {
  if (typeof value === "string") return storable(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [storable(key), held]));
}

function storable(text: string): string {
  return Buffer.from(text).toString("utf8").replaceAll("\0", "\uFFFD");
}
