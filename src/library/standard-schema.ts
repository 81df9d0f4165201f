/**
 * The interface of Standard Schema version 1 (https://standardschema.dev), by which Sluice takes a schema of any library:
 * zod, valibot, arktype and others. It is copied here, as its authors advise, so that the types of this package need no
 * other package.
 */

/** A schema that reads a value of type `Input` and makes one of type `Output`. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": StandardSchemaProps<Input, Output>;
}

/** What a schema offers. */
export interface StandardSchemaProps<Input = unknown, Output = Input> {
  readonly version: 1;
  /** Name of the library. */
  readonly vendor: string;
  /** Reads a value. The answer may come later. */
  readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
  /** Of the types alone; nothing is there when the program runs. */
  readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  /** Standard JSON Schema: offered by some libraries. It may throw for a schema that JSON Schema cannot tell. */
  readonly jsonSchema?: {
    readonly input: (options: { readonly target: string }) => Record<string, unknown>;
  };
}

/** What became of a value: what the schema made of it, or at least one fault. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** A fault of a value. */
export interface StandardIssue {
  readonly message: string;
  /** Where in the value; absent or empty: the value as a whole. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
