/** What PostgreSQL says of an error besides its message, where it says so. */
export interface DatabaseErrorFacts {
  /** SQLSTATE, such as `23505` for a key that exists. */
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly schema?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly constraint?: string | undefined;
}

/** The names of the facts. */
export const DATABASE_ERROR_FACTS = [
  "code",
  "detail",
  "hint",
  "schema",
  "table",
  "column",
  "constraint",
] as const satisfies readonly (keyof DatabaseErrorFacts)[];

/** PostgreSQL refused a statement of `ctx.tx.query`. Nothing else of this transaction can commit. */
export class DatabaseError extends Error implements DatabaseErrorFacts {
  override readonly name = "DatabaseError";
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly schema: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly constraint: string | undefined;

  constructor(message: string, facts: DatabaseErrorFacts) {
    super(message);
    this.code = facts.code;
    this.detail = facts.detail;
    this.hint = facts.hint;
    this.schema = facts.schema;
    this.table = facts.table;
    this.column = facts.column;
    this.constraint = facts.constraint;
  }
}
