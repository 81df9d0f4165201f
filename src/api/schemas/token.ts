/** Access tokens as JSON. */
import { z } from "@hono/zod-openapi";
import { SCOPES } from "../../core/access-tokens.ts";
import { listSchema } from "./list.ts";
import { jobIdSchema, textSchema, timeSchema, tokenIdSchema } from "./text.ts";

const LONGEST_NAME = 100;

const scopeSchema = z.enum(SCOPES).openapi({
  description:
    "`read` looks, `operate` also makes jobs and acts on them, `admin` also manages tokens.",
});

/** A token without its secret. */
export const tokenSchema = z
  .strictObject({
    id: tokenIdSchema,
    name: z.string().openapi({ description: "By whom the timeline says that something was done." }),
    scope: scopeSchema,
    job: jobIdSchema.nullable().openapi({ description: "The only job that it shows; null: all." }),
    createdBy: z.string(),
    createdAt: timeSchema,
    expiresAt: timeSchema
      .nullable()
      .openapi({ description: "It is not valid from then on; null: until it is revoked." }),
  })
  .openapi("Token", {
    example: {
      id: "token_01m84qvm34fc7rq4ee6xdwhyxw",
      name: "nightly import",
      scope: "operate",
      job: null,
      createdBy: "first",
      createdAt: "2026-11-23T17:39:30.004Z",
      expiresAt: null,
    },
  });
export type TokenView = z.infer<typeof tokenSchema>;

/** A token with its secret: the answer to its making, and nowhere else. */
export const newTokenSchema = tokenSchema
  .extend({
    token: z.string().openapi({ description: "The secret. It is shown this once." }),
    path: z.string().openapi({
      description:
        "Where the dashboard is opened and signed in: of a job's token, the page of the job.",
    }),
  })
  .openapi("NewToken", {
    example: {
      id: "token_01m84qvm34fc7rq4ee6xdwhyxw",
      name: "for the customer",
      scope: "read",
      job: "job_01m84qvwcgffer2s6r76fqcz25",
      createdBy: "first",
      createdAt: "2026-11-23T17:39:30.004Z",
      expiresAt: "2026-11-30T17:39:30.004Z",
      token: "slu_YJ8s1oVZyd0eJk0qV8q3Ww3mS8uJX3wW9b0yN6r8bJ4",
      path: "/jobs/job_01m84qvwcgffer2s6r76fqcz25#token=slu_YJ8s1oVZyd0eJk0qV8q3Ww3mS8uJX3wW9b0yN6r8bJ4",
    },
  });
export type NewTokenView = z.infer<typeof newTokenSchema>;

/** One page of tokens, newest first. */
export const tokenListSchema = listSchema(tokenSchema).openapi("TokenList");
export type TokenList = z.infer<typeof tokenListSchema>;

/** What a token is made of. */
export const createTokenBodySchema = z
  .strictObject({
    name: textSchema(LONGEST_NAME).openapi({ description: "A name for people." }),
    scope: scopeSchema,
    job: jobIdSchema
      .nullable()
      .default(null)
      .openapi({ description: "The only job that it shows, with the scope `read`." }),
    expiresAt: z.iso
      .datetime({ offset: true })
      .nullable()
      .default(null)
      .openapi({ description: "A time in the future; null: until it is revoked." }),
  })
  .openapi("CreateTokenRequest", { example: { name: "nightly import", scope: "operate" } });
export type CreateTokenBody = z.input<typeof createTokenBodySchema>;
