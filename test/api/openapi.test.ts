import type { OpenAPIHono } from "@hono/zod-openapi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileListSchema, fileSchema } from "../../src/api/schemas/file.ts";
import {
  receiptSchema,
  timelineEventSchema,
  timelineSchema,
} from "../../src/api/schemas/history.ts";
import { createJobBodySchema } from "../../src/api/schemas/create-job.ts";
import { createExportBodySchema, exportPlanSchema } from "../../src/api/schemas/export.ts";
import { createImportBodySchema, planSchema } from "../../src/api/schemas/import-request.ts";
import { dryRunOutcomeSchema } from "../../src/api/schemas/import-result.ts";
import { inspectBodySchema, inspectionSchema } from "../../src/api/schemas/inspection.ts";
import { changeJobBodySchema, jobListSchema } from "../../src/api/schemas/job-request.ts";
import {
  exportJobSchema,
  importJobSchema,
  jobSchema,
  processJobSchema,
  progressSchema,
} from "../../src/api/schemas/job.ts";
import {
  createProcessBodySchema,
  logLineSchema,
  logSchema,
  processListSchema,
  processPlanSchema,
  processSchema,
} from "../../src/api/schemas/process.ts";
import {
  correctionBodySchema,
  correctionCountsSchema,
  correctionsBodySchema,
  retryBodySchema,
} from "../../src/api/schemas/correction.ts";
import { rerunBodySchema } from "../../src/api/schemas/rerun.ts";
import {
  pauseBodySchema,
  resumeBodySchema,
  stopBodySchema,
  undoBodySchema,
  undoPreviewSchema,
} from "../../src/api/schemas/action.ts";
import {
  recordListSchema,
  recordSchema,
  recordProblemSchema,
  rejectedRecordSchema,
} from "../../src/api/schemas/record.ts";
import { problemSchema } from "../../src/api/schemas/problem.ts";
import { activitySchema } from "../../src/api/schemas/activity.ts";
import { workerLossesSchema } from "../../src/api/schemas/sample.ts";
import {
  createWebhookBodySchema,
  deliveryListSchema,
  deliverySchema,
  newWebhookSchema,
  webhookListSchema,
  webhookSchema,
} from "../../src/api/schemas/webhook.ts";
import {
  createTokenBodySchema,
  newTokenSchema,
  tokenListSchema,
  tokenSchema,
} from "../../src/api/schemas/token.ts";
import { tableListSchema, tableSchema, tableSummarySchema } from "../../src/api/schemas/table.ts";
import { flatAnswerSchema } from "../../src/api/flat/flat-answer.ts";
import { JOB_STATE_NAMES } from "../../src/core/job-state.ts";
import { createApp } from "../../src/api/create-app.ts";
import { openPool } from "../../src/store/connect.ts";
import { createJobStore } from "../../src/store/job-store.ts";
import { LOSING_DISPATCHER } from "../support/stored-job.ts";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";

type Description = ReturnType<OpenAPIHono["getOpenAPI31Document"]>;
interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly responses: Record<string, { content?: Record<string, { schema?: unknown }> }>;
}

let api: ApiFixture;
let description: Description;
beforeAll(async () => {
  api = await openApiFixture();
  description = (await (await api.app.request("/openapi.json")).json()) as Description;
});
afterAll(() => api?.dispose());

const operations = (): readonly (readonly [string, Operation])[] =>
  Object.entries(description.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(
      ([method, operation]) => [`${method} ${path}`, operation] as const,
    ),
  );

describe("/openapi.json", () => {
  test("is OpenAPI 3.1 and names the version", () => {
    expect(description.openapi).toBe("3.1.0");
    expect(description.info).toMatchObject({ title: "Sluice", version: "1.2.3" });
  });

  test("gives every operation a summary, a tag, a success and its errors", () => {
    const incomplete = operations().filter(([, operation]) => {
      const statuses = Object.keys(operation.responses).map(Number);
      const hasBoth = statuses.some((status) => status < 300) && statuses.some((s) => s >= 400);
      return !operation.summary || operation.tags?.length !== 1 || !hasBoth;
    });

    // `/healthz` cannot fail: without an answer there is no service.
    expect(incomplete.map(([name]) => name)).toEqual(["get /healthz"]);
  });

  test("answers errors of /v1 as problem details everywhere", () => {
    for (const [name, operation] of operations())
      for (const [status, response] of Object.entries(operation.responses))
        if (name.includes("/v1/") && Number(status) >= 400)
          expect(Object.keys(response.content ?? {}), `${name} ${status}`).toEqual([
            "application/problem+json",
          ]);
  });

  test("lists the states of the core", () => {
    const schemas = description.components?.schemas as Record<
      string,
      { properties: Record<string, unknown> }
    >;

    expect(schemas["ImportJob"]?.properties["state"]).toEqual({
      type: "string",
      enum: [...JOB_STATE_NAMES],
    });
  });

  const SCHEMAS = {
    DryRunOutcome: dryRunOutcomeSchema,
    File: fileSchema,
    FileList: fileListSchema,
    Webhook: webhookSchema,
    NewWebhook: newWebhookSchema,
    WebhookList: webhookListSchema,
    CreateWebhookRequest: createWebhookBodySchema,
    Delivery: deliverySchema,
    DeliveryList: deliveryListSchema,
    Token: tokenSchema,
    NewToken: newTokenSchema,
    TokenList: tokenListSchema,
    CreateTokenRequest: createTokenBodySchema,
    Job: jobSchema,
    ImportJob: importJobSchema,
    ExportJob: exportJobSchema,
    JobList: jobListSchema,
    Progress: progressSchema,
    CreateJobRequest: createJobBodySchema,
    ChangeJobRequest: changeJobBodySchema,
    CreateImportRequest: createImportBodySchema,
    CreateExportRequest: createExportBodySchema,
    ExportPlan: exportPlanSchema,
    ProcessJob: processJobSchema,
    CreateProcessRequest: createProcessBodySchema,
    ProcessPlan: processPlanSchema,
    Process: processSchema,
    ProcessList: processListSchema,
    LogLine: logLineSchema,
    Log: logSchema,
    RerunRequest: rerunBodySchema,
    InspectRequest: inspectBodySchema,
    Inspection: inspectionSchema,
    Plan: planSchema,
    PauseRequest: pauseBodySchema,
    ResumeRequest: resumeBodySchema,
    StopRequest: stopBodySchema,
    UndoRequest: undoBodySchema,
    CorrectionRequest: correctionBodySchema,
    CorrectionsRequest: correctionsBodySchema,
    CorrectionCounts: correctionCountsSchema,
    RetryRequest: retryBodySchema,
    Record: recordSchema,
    RejectedRecord: rejectedRecordSchema,
    RecordProblem: recordProblemSchema,
    RecordList: recordListSchema,
    TimelineEvent: timelineEventSchema,
    Timeline: timelineSchema,
    UndoPreview: undoPreviewSchema,
    Receipt: receiptSchema,
    Activity: activitySchema,
    WorkerLosses: workerLossesSchema,
    Table: tableSchema,
    TableSummary: tableSummarySchema,
    TableList: tableListSchema,
    Problem: problemSchema,
    FlatAnswer: flatAnswerSchema,
  };

  test("names only schemas that are tested here", () => {
    const named = Object.keys(description.components?.schemas ?? {});

    expect(named.filter((name) => !(name in SCHEMAS)).toSorted()).toEqual(["Health", "Readiness"]);
  });

  test.each(Object.entries(SCHEMAS))(
    "has an example of %s that its schema takes",
    (name, schema) => {
      const described = (description.components?.schemas ?? {})[name] as { example?: unknown };
      const example = described.example;

      if (example === undefined)
        expect([
          "FileList",
          "JobList",
          "Log",
          "Progress",
          "RecordList",
          "TableList",
          "TokenList",
          "WebhookList",
          "DeliveryList",
          "Timeline",
        ]).toContain(name);
      else expect(schema.safeParse(example).error).toBeUndefined();
    },
  );
});

describe("health", () => {
  test("/healthz names the version", async () => {
    expect(await (await api.app.request("/healthz")).json()).toEqual({
      status: "ok",
      version: "1.2.3",
    });
  });

  test("/readyz is 200 while the database answers", async () => {
    expect((await api.app.request("/readyz")).status).toBe(200);
  });

  test("/readyz is 503 with Retry-After while it does not, and says nothing of the inside", async () => {
    const pool = openPool("postgresql://127.0.0.1:1/none", "sluice test", 1);
    const unreachable = createJobStore(pool, LOSING_DISPATCHER);
    const app = createApp({
      service: { ...api.service, checkReady: () => unreachable.ping() },
      tokens: api.tokens,
      webhooks: api.webhooks,
      judgeUrl: () => null,
      access: { kind: "loopback" },
      info: { version: "1.2.3" },
      log: () => undefined,
    });

    const response = await app.request("/readyz");
    await pool.end();

    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("2");
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ code: "database_unavailable" });
    expect(text).not.toMatch(/127\.0\.0\.1|ECONNREFUSED|\.ts/);
  });
});

test("an unknown path is a problem with an id", async () => {
  const response = await api.app.request("/v1/nothing");

  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.json()).toMatchObject({
    status: 404,
    code: "not_found",
    instance: "/v1/nothing",
    requestId: response.headers.get("x-request-id"),
  });
});
