/** What an error of the database says, in a form that goes from one operating system process to another. */
import { DATABASE_ERROR_FACTS, type DatabaseErrorFacts } from "../../library/database-error.ts";

/** An error of the database. */
export interface DatabaseRefusal {
  readonly message: string;
  readonly facts: DatabaseErrorFacts;
}

/** Takes message and facts of whatever a statement was refused with. */
export function databaseFacts(error: unknown): DatabaseRefusal {
  if (!(error instanceof Error)) return { message: String(error), facts: {} };
  const held = error as unknown as Readonly<Record<string, unknown>>; // any object can be asked for any key
  const facts = DATABASE_ERROR_FACTS.flatMap((name) => {
    const value = held[name];
    // What is no SQLSTATE is a code of ours, for a statement that never reached the database.
    const isFact = typeof value === "string" && (name !== "code" || /^[0-9A-Z]{5}$/.test(value));
    return isFact ? [[name, value] as const] : [];
  });
  return { message: error.message, facts: Object.fromEntries(facts) };
}
