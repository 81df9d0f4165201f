/** `/v1/uploads`: uploads that can be resumed, by the protocol tus 1.0. Each ends as a file of the same id. */
import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { SluiceError } from "../../core/errors.ts";
import {
  createRouter,
  endOfInterest,
  type AppContext,
  type AppEnv,
  type RouteTools,
} from "../app-context.ts";
import { methodNotAllowed } from "../problem-details.ts";
import { problems, UPLOAD_CODES } from "../responses.ts";
import { fileIdSchema } from "../schemas/text.ts";
import { requestBytes } from "../upload/request-body.ts";
import type { TusServer } from "../upload/tus-server.ts";
import { UPLOADS_PATH } from "../upload/uploads-path.ts";

const TAGS = ["Uploads"];
const UPLOAD_PATH = `${UPLOADS_PATH}/{uploadId}`;
const TUS_VERSION = "1.0.0";
const CONTENT_TYPE = "application/offset+octet-stream";
const BYTES = { [CONTENT_TYPE]: { schema: { type: "string" as const, format: "binary" } } };

const uploadParams = z.strictObject({ uploadId: fileIdSchema });
const version = {
  "tus-resumable": z.literal(TUS_VERSION).openapi({ description: "The version of the protocol." }),
};
const answerHeaders = (names: Readonly<Record<string, string>>) => ({
  headers: z.object(
    Object.fromEntries(
      Object.entries({ ...names, "Tus-Resumable": "The version of the protocol." }).map(
        ([name, description]) => [name, z.string().openapi({ description })],
      ),
    ),
  ),
});
const OFFSET = { "Upload-Offset": "How many bytes are durable." };
const EXPIRES = { "Upload-Expires": "When an unfinished upload is removed." };

const COMMON_CODES = ["malformed_request", "upload_protocol"] as const;

const beginRoute = createRoute({
  method: "post",
  path: UPLOADS_PATH,
  tags: TAGS,
  summary: "Begin an upload that can be resumed (tus 1.0)",
  description:
    "With a first piece as its body, or without. The id at the end of `Location` is the one that the file has under `/v1/files` once the last byte is there. Any client of the protocol tus 1.0 fits; the extensions creation, creation-with-upload, creation-defer-length, termination and expiration are there.",
  request: {
    headers: z.object({
      ...version,
      "upload-length": z.string().optional().openapi({ example: "89548392" }),
      "upload-defer-length": z.literal("1").optional(),
      "upload-metadata": z.string().optional().openapi({
        description: "`filename` names the file.",
        example: "filename cGVvcGxlLmNzdg==",
      }),
    }),
  },
  responses: {
    201: {
      description: "It has begun.",
      ...answerHeaders({ Location: "Where its pieces go.", ...OFFSET, ...EXPIRES }),
    },
    ...problems(...UPLOAD_CODES, ...COMMON_CODES, "upload_busy"),
  },
});

const sendRoute = createRoute({
  method: "patch",
  path: UPLOAD_PATH,
  tags: TAGS,
  summary: "Send the next piece of an upload",
  description:
    "What is answered is durable. When a piece breaks off, what came of it is kept: `HEAD` says how much. After the last byte the file is there.",
  request: {
    params: uploadParams,
    headers: z.object({ ...version, "upload-offset": z.string().openapi({ example: "45000000" }) }),
  },
  responses: {
    204: { description: "It is durable.", ...answerHeaders({ ...OFFSET, ...EXPIRES }) },
    ...problems(
      ...UPLOAD_CODES,
      ...COMMON_CODES,
      "not_found",
      "upload_offset_mismatch",
      "upload_busy",
    ),
  },
});

const headRoute = createRoute({
  method: "head",
  path: UPLOAD_PATH,
  tags: TAGS,
  summary: "Ask how much of an upload is there",
  request: { params: uploadParams, headers: z.object(version) },
  responses: {
    200: {
      description: "So much is durable.",
      ...answerHeaders({
        ...OFFSET,
        "Upload-Length": "How many bytes there will be.",
        "Upload-Metadata": "As it was sent.",
      }),
    },
    ...problems(...COMMON_CODES, "not_found"),
  },
});

const endRoute = createRoute({
  method: "delete",
  path: UPLOAD_PATH,
  tags: TAGS,
  summary: "Give an unfinished upload up",
  request: { params: uploadParams, headers: z.object(version) },
  responses: {
    204: { description: "What came is gone." },
    ...problems(...COMMON_CODES, "not_found", "upload_busy"),
  },
});

const optionsRoute = createRoute({
  method: "options",
  path: UPLOADS_PATH,
  tags: TAGS,
  summary: "Ask which version and extensions of the protocol are there",
  responses: {
    204: {
      description: "The protocol.",
      ...answerHeaders({
        "Tus-Version": TUS_VERSION,
        "Tus-Extension": "creation and others",
        "Tus-Max-Size": "The most bytes of a file.",
      }),
    },
    ...problems("malformed_request"),
  },
});

/** The routes of resumable uploads. Bodies are read as they come: the framework is not let near them. */
export function uploadRoutes(tools: RouteTools): OpenAPIHono<AppEnv> {
  const router = createRouter();
  // The library takes a twentieth of a second to load, and commands that start a service for a file have no use for it.
  let server: Promise<TusServer> | null = null;
  const openServer = async (): Promise<TusServer> => {
    const { createTusServer } = await import("../upload/tus-server.ts");
    return createTusServer(tools.service.uploads, tools.info.maxUploadBytes);
  };
  const answer = async (c: AppContext): Promise<Response> => {
    if (c.req.method === "GET")
      throw methodNotAllowed(c.req.path, ["OPTIONS", "HEAD", "PATCH", "DELETE"]);
    if (c.req.header("content-encoding") !== undefined)
      throw new SluiceError(
        "malformed_request",
        "Expected a piece without Content-Encoding: offsets count the bytes of the file.",
      );
    // Refusals are answers of the protocol too.
    c.header("Tus-Resumable", TUS_VERSION);
    server ??= openServer();
    return (await server).answer(requestOf(c));
  };

  for (const [route, body] of [
    [beginRoute, { required: false, content: BYTES }],
    [sendRoute, { required: true, content: BYTES }],
  ] as const)
    router.openAPIRegistry.registerPath({ ...route, request: { ...route.request, body } });
  for (const route of [headRoute, endRoute, optionsRoute])
    router.openAPIRegistry.registerPath(route);
  router.on(["POST", "OPTIONS"], UPLOADS_PATH, answer);
  // The framework answers HEAD with the route of GET.
  router.on(["GET", "PATCH", "DELETE"], `${UPLOADS_PATH}/:uploadId`, answer);
  return router;
}

/**
 * The request with its body as it comes. A body that breaks off, and one that goes on while the service stops, ends where it
 * is: an error would have the library drop what it holds, and what came is kept.
 */
function requestOf(c: AppContext): Request {
  const { method } = c.req;
  const headers = c.req.raw.headers;
  if (method !== "POST" && method !== "PATCH") return new Request(c.req.url, { method, headers });
  const body = ReadableStream.from(whatComes(requestBytes(c), endOfInterest(c)));
  const init = { method, headers, body, duplex: "half" as const };
  return new Request(c.req.url, init);
}

async function* whatComes(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of bytes) {
      yield piece;
      if (signal.aborted) return;
    }
  } catch {
    // The client is gone, and nobody hears the answer.
  }
}
