/** Putting rejected records right: corrections of single records, and the retry that imports them. */
import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import type { RecordCorrection } from "../../core/correction.ts";
import type { SourceRecord } from "../../core/record-ports.ts";
import { createRouter, type AppEnv, type RouteTools } from "../app-context.ts";
import { present } from "../present.ts";
import { json, jsonBody, problems } from "../responses.ts";
import {
  correctedListSchema,
  correctionBodySchema,
  correctionCountsSchema,
  correctionsBodySchema,
  retryBodySchema,
} from "../schemas/correction.ts";
import { jobSchema } from "../schemas/job.ts";
import { rejectedRecordSchema } from "../schemas/record.ts";
import { rejectedView } from "../views.ts";
import { created, CREATION_CODES, creationHeaders, keyOf } from "./creation-answer.ts";
import { jobParams } from "./job-routes.ts";

const TAGS = ["Corrections"];
const recordParams = jobParams.extend({
  recordNumber: z.coerce
    .number()
    .int()
    .min(1)
    .openapi({ type: "integer", description: "Number among the data records, from 1." }),
});
const CORRECTION_CODES = [
  "not_found",
  "already_retried",
  "source_changed",
  "malformed_request",
  "body_too_large",
  "invalid_request",
] as const;

const correctRoute = createRoute({
  method: "put",
  path: "/v1/jobs/{jobId}/records/{recordNumber}",
  tags: TAGS,
  summary: "Correct a rejected record, and hear at once whether it fits",
  description:
    "The record is read and checked as by its job. A correction that does not fit is kept too: `correction` says why. What only the table can tell, such as a key that is taken, is told by the retry.",
  request: { params: recordParams, body: jsonBody(correctionBodySchema) },
  responses: {
    200: json("The record with its correction.", rejectedRecordSchema),
    ...problems(...CORRECTION_CODES),
  },
});

const correctManyRoute = createRoute({
  method: "put",
  path: "/v1/jobs/{jobId}/records",
  tags: TAGS,
  summary: "Correct several rejected records at once",
  description: "At most 200, all of them or none.",
  request: { params: jobParams, body: jsonBody(correctionsBodySchema) },
  responses: {
    200: json("The records with their corrections, in the order asked.", correctedListSchema),
    ...problems(...CORRECTION_CODES),
  },
});

const forgetRoute = createRoute({
  method: "delete",
  path: "/v1/jobs/{jobId}/records/{recordNumber}",
  tags: TAGS,
  summary: "Take the correction of a record back",
  description: "The record stays rejected, and its rejection is as it was.",
  request: { params: recordParams },
  responses: { 204: { description: "It has none any more." }, ...problems("not_found") },
});

const countRoute = createRoute({
  method: "get",
  path: "/v1/jobs/{jobId}/corrections",
  tags: TAGS,
  summary: "Count what is corrected, and what fits",
  request: { params: jobParams },
  responses: { 200: json("The counts.", correctionCountsSchema), ...problems("not_found") },
});

const forgetAllRoute = createRoute({
  method: "delete",
  path: "/v1/jobs/{jobId}/corrections",
  tags: TAGS,
  summary: "Take all corrections of a job back",
  request: { params: jobParams },
  responses: { 204: { description: "There are none any more." }, ...problems("not_found") },
});

const retryRoute = createRoute({
  method: "post",
  path: "/v1/jobs/{jobId}/retry",
  tags: ["Jobs"],
  summary: "Retry the rejected records of a job that is over, corrected",
  description:
    "Creates a job over them, whose `parent` is this one, and which adds to the same table by the same columns and types, or runs the same process. Without `file` it takes the records whose stored correction fits. A `file` is the CSV of the rejected records, edited: with the columns of the reasons it takes the records that `_line` names, without them it stands for all rejected records that no retry has. No record is taken by two retries; one that failed, was stopped or undone gives back what is not in the table.",
  request: { params: jobParams, headers: creationHeaders, body: jsonBody(retryBodySchema, false) },
  responses: {
    201: json("The new job, which starts by itself.", jobSchema),
    200: json("The job that this key made before.", jobSchema),
    ...problems(
      ...CREATION_CODES,
      "transition_not_allowed",
      "nothing_to_retry",
      "already_retried",
      "target_gone",
      "header_mismatch",
    ),
  },
});

/** The routes of corrections and retries. */
export function correctionRoutes({ service }: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();

  router.openapi(correctRoute, async (c) => {
    const { jobId, recordNumber } = c.req.valid("param");
    const { values } = c.req.valid("json");
    const items = [{ record: recordNumber, values }];
    return c.json(firstOf(await service.correctRecords(jobId, items, c.get("actor"))), 200);
  });

  router.openapi(correctManyRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    const items: readonly RecordCorrection[] = c.req.valid("json").items;
    const corrected = await service.correctRecords(jobId, items, c.get("actor"));
    return c.json({ items: corrected.map(rejectedView) }, 200);
  });

  router.openapi(forgetRoute, async (c) => {
    const { jobId, recordNumber } = c.req.valid("param");
    await service.deleteCorrections(jobId, recordNumber);
    return c.body(null, 204);
  });

  router.openapi(countRoute, async (c) => {
    return c.json(await service.countCorrections(c.req.valid("param").jobId), 200);
  });

  router.openapi(forgetAllRoute, async (c) => {
    await service.deleteCorrections(c.req.valid("param").jobId);
    return c.body(null, 204);
  });

  router.openapi(retryRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    const asked = present(c.req.valid("json"));
    const key = keyOf(c.req.valid("header"));
    return created(c, await service.retryJob(jobId, asked, c.get("actor"), key));
  });

  return router;
}

function firstOf(records: readonly SourceRecord[]): ReturnType<typeof rejectedView> {
  const [record] = records;
  if (record === undefined) throw new TypeError("a record that was corrected is answered");
  return rejectedView(record);
}
