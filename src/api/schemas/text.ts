/** Schemas of single values that several shapes share. */
import { z } from "@hono/zod-openapi";

/** 26 characters of a TypeID: Crockford's base 32 in lower case. */
const SUFFIX = "[0-9a-hjkmnp-tv-z]{26}";

/** Id of a job: `job_` and 26 characters. */
export const jobIdSchema = z
  .string()
  .regex(new RegExp(`^job_${SUFFIX}$`), "Expected job_ and 26 characters.")
  .openapi({ example: "job_01m84qvwcgffer2s6r76fqcz25" });

/** Id of a stored file: `file_` and 26 characters. */
export const fileIdSchema = z
  .string()
  .regex(new RegExp(`^file_${SUFFIX}$`), "Expected file_ and 26 characters.")
  .openapi({ example: "file_01m84qvm34fc7rq4ee6xdwhyxw" });

/** Id of an access token: `token_` and 26 characters. */
export const tokenIdSchema = z
  .string()
  .regex(new RegExp(`^token_${SUFFIX}$`), "Expected token_ and 26 characters.")
  .openapi({ example: "token_01m84qvm34fc7rq4ee6xdwhyxw" });

/** Id of a webhook: `webhook_` and 26 characters. */
export const webhookIdSchema = z
  .string()
  .regex(new RegExp(`^webhook_${SUFFIX}$`), "Expected webhook_ and 26 characters.")
  .openapi({ example: "webhook_01m84qvm34fc7rq4ee6xdwhyxw" });

/** Id of a message to a webhook: `delivery_` and 32 hexadecimal digits. */
export const deliveryIdSchema = z
  .string()
  .regex(/^delivery_[0-9a-f]{32}$/, "Expected delivery_ and 32 hexadecimal digits.")
  .openapi({ example: "delivery_5f0c9f1c2b7d4f0f8f7b0b3d0a1c2e4f" });

/** A time, RFC 3339 in UTC. */
export const timeSchema = z.iso.datetime().openapi({ example: "2026-11-23T17:40:01.904Z" });

/** A number of records, rows or bytes. */
export const countSchema = z.int().min(0).openapi({ example: 482310 });

/** Text of 1 to `maxLength` characters without NUL, which PostgreSQL cannot store. */
export function textSchema(maxLength: number) {
  return z
    .string()
    .min(1)
    .max(maxLength)
    .refine((text) => !text.includes("\0"), "Expected text without NUL characters.");
}

/** One ASCII character, for the dialect of a file. */
export const asciiCharacterSchema = z
  .string()
  .length(1)
  .refine((text) => text.charCodeAt(0) < 0x80, "Expected one ASCII character.");

/** A map whose keys come from outside. `__proto__` is refused, because JavaScript would drop it in silence. */
export function mapSchema<Value extends z.ZodType>(value: Value) {
  return z.preprocess(
    (input, context) => {
      if (typeof input === "object" && input !== null && Object.hasOwn(input, "__proto__"))
        context.issues.push({
          code: "custom",
          message: 'Expected another name than "__proto__".',
          input,
        });
      return input;
    },
    z.record(textSchema(1000), value),
  );
}
