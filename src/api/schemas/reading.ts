/** The schema of `reading`: one field for each option of the table in `core/reading-options.ts`. */
import { z } from "@hono/zod-openapi";
import {
  READING_OPTIONS,
  type ReadingOption,
  type ReadingOptions,
} from "../../core/reading-options.ts";
import { asciiCharacterSchema, textSchema } from "./text.ts";

function schemaOf(option: ReadingOption): z.ZodType {
  switch (option.kind) {
    case "text":
      return textSchema(option.maxLength);
    case "character":
      return asciiCharacterSchema;
    case "switch":
      return z.boolean();
    case "choice":
      return z.enum(option.of);
    case "texts":
      return z.array(textSchema(option.maxLength)).max(option.maxCount);
    case "count":
      return z.int().min(option.least).max(option.most);
    default:
      return option satisfies never;
  }
}

type ReadingShape = {
  [Name in keyof typeof READING_OPTIONS]: z.ZodOptional<
    z.ZodType<NonNullable<ReadingOptions[Name]>>
  >;
};

const fields = Object.entries<ReadingOption>(READING_OPTIONS).map(([name, option]) => {
  const description = option.kind === "switch" ? undefined : option.description;
  const schema = schemaOf(option).optional();
  return [name, description === undefined ? schema : schema.openapi({ description })];
});

/** How the file is read where the client wants to say so; what is absent is detected or takes its default. */
export const readingSchema = z.strictObject(
  Object.fromEntries(fields) as ReadingShape, // made from the table, option by option
);
