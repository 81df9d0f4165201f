/**
 * `GET /v1/jobs/{jobId}/records`: the records of one outcome, as CSV, NDJSON, or JSON in pages.
 *
 * CSV and NDJSON are sent as fast as the client takes them, and nothing is read ahead. When the client goes away the
 * reading ends. When the reading breaks off the connection is cut, so that a part is never taken for the whole.
 */
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import type { OutcomeRecords } from "../../core/job-service.ts";
import type { SourceRecord } from "../../core/record-ports.ts";
import type { RecordPlace } from "../../core/record-ranges.ts";
import {
  createRouter,
  endOfInterest,
  type AppContext,
  type AppEnv,
  type RouteTools,
} from "../app-context.ts";
import { attachment } from "../attachment.ts";
import { problems } from "../responses.ts";
import {
  recordListSchema,
  recordsQuerySchema,
  type RecordFormat,
  type RecordList,
} from "../schemas/record.ts";
import { streamOf } from "../stream-body.ts";
import { recordView } from "../views.ts";
import { jobParams } from "./job-routes.ts";

const TEXT = { type: "string" as const };
const MEDIA_TYPES = {
  json: "application/json",
  csv: "text/csv",
  ndjson: "application/x-ndjson",
} as const satisfies Record<RecordFormat, string>;
/** A page ends behind the record that passes this many bytes of the file, however many records were asked for. */
const PAGE_BYTES = 4 * 1024 * 1024;

const recordsRoute = createRoute({
  method: "get",
  path: "/v1/jobs/{jobId}/records",
  tags: ["History"],
  summary: "List the records of one outcome, in the order of the file",
  description:
    "The three outcomes together are the data records of the file, each in one of them, at any time. CSV begins with the header of the file and has the records as they are in it, byte for byte; NDJSON has one object a line; both come in one stream, which is cut off when it cannot be finished. JSON comes in pages.",
  request: { params: jobParams, query: recordsQuerySchema },
  responses: {
    200: {
      description: "The records.",
      content: {
        [MEDIA_TYPES.json]: { schema: recordListSchema },
        [MEDIA_TYPES.csv]: { schema: TEXT },
        [MEDIA_TYPES.ndjson]: { schema: TEXT },
      },
    },
    ...problems("not_found", "source_changed", "invalid_request"),
  },
});

/** The route of records. */
export function recordRoutes({ service, log }: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();

  router.openapi(recordsRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    const {
      outcome,
      format = wantedFormat(c),
      limit,
      cursor,
      reasons,
      open,
    } = c.req.valid("query");
    const records = await service.openRecords(jobId, outcome, { onlyOpen: open });
    if (format === "json") {
      const from = cursor === undefined ? undefined : placeOf(cursor);
      return c.json(await pageOf(records, limit, from), 200);
    }
    const isCsv = format === "csv";
    const pieces = isCsv ? records.copy({ withReasons: reasons }) : linesOf(records);
    const stem = records.fileName.replace(/\.\w{1,10}$/, "");
    c.header("Content-Type", contentTypeOf(format, records));
    c.header("Content-Disposition", attachment(`${stem}-${outcome}.${format}`));
    c.header("X-Accel-Buffering", "no");
    const onBroken = (error: unknown): void =>
      log("error", "a list of records broke off", { jobId, error });
    return c.body(streamOf(pieces, { signal: endOfInterest(c), onBroken }), 200);
  });

  return router;
}

function wantedFormat(c: AppContext): RecordFormat {
  const type = accepts(c, {
    header: "Accept",
    supports: Object.values(MEDIA_TYPES),
    default: MEDIA_TYPES.json,
  });
  return type === MEDIA_TYPES.csv ? "csv" : type === MEDIA_TYPES.ndjson ? "ndjson" : "json";
}

function contentTypeOf(format: "csv" | "ndjson", { encoding }: OutcomeRecords): string {
  return `${MEDIA_TYPES[format]}; charset=${format === "csv" ? encoding : "utf-8"}`;
}

/** One page, and where the next begins. */
async function pageOf(
  records: OutcomeRecords,
  limit: number,
  from: RecordPlace | undefined,
): Promise<RecordList> {
  const shown: SourceRecord[] = [];
  let bytes = 0;
  let next: string | null = null;
  pages: for await (const batch of records.read(from)) {
    for (const record of batch) {
      if (shown.length === limit || bytes > PAGE_BYTES) {
        next = cursorOf(record);
        break pages;
      }
      shown.push(record);
      bytes += record.byteLength;
    }
  }
  return { header: [...records.header], items: shown.map(recordView), next };
}

function cursorOf({ byte, record, line }: RecordPlace): string {
  return `${byte}-${record}-${line}`;
}

function placeOf(cursor: string): RecordPlace {
  const [byte = 0, record = 1, line = 1] = cursor.split("-").map(Number);
  return { byte, record, line };
}

const ENCODER = new TextEncoder();

async function* linesOf(records: OutcomeRecords): AsyncGenerator<Uint8Array> {
  for await (const batch of records.read())
    yield ENCODER.encode(batch.map((record) => `${JSON.stringify(recordView(record))}\n`).join(""));
}
