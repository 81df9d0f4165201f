/** Statements with parameters, and the only functions that put an outside name or text into a statement. */
import { escapeIdentifier, escapeLiteral } from "pg";
import type { TableName } from "../core/job.ts";

/** A statement as `pg` takes it. */
export interface Statement {
  readonly text: string;
  readonly values: unknown[];
  /** See `prepared`. */
  readonly name?: string;
}

/**
 * The statement under a name, unique to its text, by which each connection keeps its plan. For what is asked many times a
 * second: planning takes longer than doing it.
 */
export function prepared(name: string, { text, values }: Statement): Statement {
  return { name: `sluice_${name}`, text, values };
}

/** Builds a statement in which every `${}` is a bound parameter, in order. */
export function sql(parts: TemplateStringsArray, ...values: unknown[]): Statement {
  const text = parts.reduce((all, part, index) => `${all}$${index}${part}`);
  return { text, values };
}

/** Quotes a name from outside as an identifier. */
export function quoteName(name: string): string {
  return escapeIdentifier(name);
}

/** Quotes a text as a literal, for the simple query protocol, which has no parameters. */
export function quoteText(text: string): string {
  return escapeLiteral(text);
}

/** Quotes schema and table. */
export function quoteTable(name: TableName): string {
  return `${quoteName(name.schema)}.${quoteName(name.table)}`;
}

/** The schema that holds Sluice's own tables and the staging tables. */
const SLUICE_SCHEMA = "sluice";

/** A staging table, quoted. */
export function quoteStaging(staging: string): string {
  return quoteTable({ schema: SLUICE_SCHEMA, table: staging });
}

/**
 * A value as JSON that `jsonb` takes. PostgreSQL holds neither a NUL nor half a surrogate pair, and a header or a sampled
 * value can have both: they become U+2400 and U+FFFD.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(/\\(u[0-9a-f]{4}|.)/g, (escape) => {
    if (escape === "\\u0000") return "\u2400";
    // `JSON.stringify` escapes surrogates only where they stand alone.
    return /^\\ud[89a-f]/.test(escape) ? "\uFFFD" : escape;
  });
}
