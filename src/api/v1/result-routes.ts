/**
 * `GET /v1/jobs/{jobId}/result`: the file that a job has made, whole or a range of its bytes. The file never changes, so
 * its digest is its ETag, and a download that broke off is continued with `Range` and `If-Range`.
 */
import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import type { ExportFormat } from "../../core/export-plan.ts";
import { SluiceError } from "../../core/errors.ts";
import type { ByteSource } from "../../core/ports.ts";
import { createRouter, endOfInterest, type AppEnv, type RouteTools } from "../app-context.ts";
import { attachment } from "../attachment.ts";
import { problems } from "../responses.ts";
import { jobParams } from "./job-routes.ts";

const READ_BYTES = 256 * 1024;
const BYTES = { type: "string" as const, format: "binary" };
const CONTENT = { content: { "application/octet-stream": { schema: BYTES } } };

const resultRoute = createRoute({
  method: "get",
  path: "/v1/jobs/{jobId}/result",
  tags: ["Jobs"],
  summary: "Download the file that a job has made",
  description:
    "The type is that of the file: `text/csv`, `text/tab-separated-values`, `application/x-ndjson`, `application/gzip` or `application/zstd`. `Range` asks for a part, `If-Range` only if the file is the one that the ETag names.",
  request: {
    params: jobParams,
    headers: z.object({
      range: z.string().optional().openapi({ example: "bytes=1048576-" }),
      "if-range": z.string().optional(),
      "if-none-match": z.string().optional(),
    }),
  },
  responses: {
    200: { description: "The file.", ...CONTENT },
    206: { description: "The part of it that was asked for.", ...CONTENT },
    304: { description: "It is the one that `If-None-Match` names." },
    ...problems("not_found", "no_result", "source_changed", "range_not_satisfiable"),
  },
});

/** The route of results. */
export function resultRoutes({ service, log }: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();

  router.openapi(resultRoute, async (c) => {
    const { jobId } = c.req.valid("param");
    const headers = c.req.valid("header");
    const result = await service.openResult(jobId);
    const { file, format } = result;
    const etag = `"${file.sha256}"`;
    c.header("ETag", etag);
    c.header("Accept-Ranges", "bytes");
    c.header("Cache-Control", "private, no-cache");
    if (headers["if-none-match"] === etag) return c.body(null, 304);
    const isSame = headers["if-range"] === undefined || headers["if-range"] === etag;
    const range = isSame ? rangeOf(headers.range, file.bytes) : "whole";
    if (range === "impossible") {
      c.header("Content-Range", `bytes */${file.bytes}`);
      throw new SluiceError(
        "range_not_satisfiable",
        `Expected a range within ${file.bytes} bytes, got ${headers.range ?? ""}.`,
      );
    }
    const { start, end } = range === "whole" ? { start: 0, end: file.bytes } : range;
    c.header("Content-Type", typeOf(format));
    c.header("Content-Disposition", attachment(file.name));
    c.header("Content-Length", String(end - start));
    if (range !== "whole") c.header("Content-Range", `bytes ${start}-${end - 1}/${file.bytes}`);
    const status = range === "whole" ? 200 : 206;
    // The framework answers HEAD with this route, and drops the body unread.
    if (c.req.method === "HEAD") return c.body(null, status);
    const source = await result.open({ start, end });
    const failed = (error: unknown): void => log("error", "a result broke off", { jobId, error });
    return c.body(streamOf(source, endOfInterest(c), failed), status);
  });

  return router;
}

/** One range of bytes, by RFC 9110; anything else than one asks for the whole. */
function rangeOf(
  header: string | undefined,
  bytes: number,
): { readonly start: number; readonly end: number } | "whole" | "impossible" {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  const [, first = "", last = ""] = match ?? [];
  if (match === null || (first === "" && last === "")) return "whole";
  const start = first === "" ? Math.max(bytes - Number(last), 0) : Number(first);
  const end = first === "" || last === "" ? bytes : Math.min(Number(last) + 1, bytes);
  if (first !== "" && last !== "" && Number(last) < start) return "whole";
  return start < end ? { start, end } : "impossible";
}

function typeOf({ type, compression }: ExportFormat): string {
  if (compression !== "none") return `application/${compression}`;
  if (type === "jsonl") return "application/x-ndjson; charset=utf-8";
  return type === "csv" ? "text/csv; charset=utf-8" : "text/tab-separated-values; charset=utf-8";
}

/** The bytes as the body of an answer: read as fast as the client takes them. */
function streamOf(
  source: ByteSource,
  signal: AbortSignal,
  failed: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          signal.throwIfAborted();
          const buffer = new Uint8Array(READ_BYTES);
          const length = await source.read(buffer);
          if (length > 0) return controller.enqueue(buffer.subarray(0, length));
          await source.close();
          controller.close();
        } catch (error) {
          await source.close();
          // Nobody is told when the client is gone; otherwise the cut connection tells it.
          if (!signal.aborted) failed(error);
          controller.error(error);
        }
      },
      cancel: () => source.close(),
    },
    { highWaterMark: 0 },
  );
}
