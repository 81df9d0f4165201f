/** `/v1/files`: uploads that jobs read. */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import type { Inspection } from "../../core/inspection.ts";
import type { ImportRequest } from "../../core/job.ts";
import { createRouter, endOfInterest, type AppEnv, type RouteTools } from "../app-context.ts";
import { present } from "../present.ts";
import { invalidRequest } from "../problem-details.ts";
import { json, jsonBody, PLANNING_CODES, problems, UPLOAD_CODES } from "../responses.ts";
import { fileListSchema, fileSchema } from "../schemas/file.ts";
import { inspectBodySchema, inspectionSchema } from "../schemas/inspection.ts";
import { pageQuerySchema } from "../schemas/list.ts";
import { fileIdSchema } from "../schemas/text.ts";
import { streamOf } from "../stream-body.ts";
import { FILE_KEY, isMultipart, readFileForm } from "../upload/file-form.ts";
import { checkBodyHeaders, requestBytes } from "../upload/request-body.ts";
import { senderName } from "../upload/sender-name.ts";
import { fileView, inspectionView } from "../views.ts";

const TAGS = ["Files"];
const TEXT = { type: "string" as const };
const JSON_TYPE = "application/json";
const LINES_TYPE = "application/x-ndjson";
const BYTES = { type: "string" as const, format: "binary" };
const CREATED = json("The file is stored: every byte is durable.", fileSchema);
const fileParams = z.strictObject({ fileId: fileIdSchema });

const putFileRoute = createRoute({
  method: "put",
  path: "/v1/files/{name}",
  tags: TAGS,
  summary: "Store the body as a file",
  description: "The body is the file as it is. The name is only shown.",
  request: { params: z.object({ name: z.string().openapi({ example: "people.csv" }) }) },
  responses: { 201: CREATED, ...problems(...UPLOAD_CODES) },
});

const postFileRoute = createRoute({
  method: "post",
  path: "/v1/files",
  tags: TAGS,
  summary: "Store the file of a form",
  description: `A multipart form with one file under the key \`${FILE_KEY}\`.`,
  responses: {
    201: CREATED,
    ...problems(...UPLOAD_CODES, "invalid_request", "malformed_request"),
  },
});

const listFilesRoute = createRoute({
  method: "get",
  path: "/v1/files",
  tags: TAGS,
  summary: "List the files, newest first",
  request: { query: pageQuerySchema(fileIdSchema) },
  responses: { 200: json("A page of files.", fileListSchema), ...problems("invalid_request") },
});

const getFileRoute = createRoute({
  method: "get",
  path: "/v1/files/{fileId}",
  tags: TAGS,
  summary: "Show a file",
  request: { params: fileParams },
  responses: { 200: json("The file.", fileSchema), ...problems("not_found") },
});

const deleteFileRoute = createRoute({
  method: "delete",
  path: "/v1/files/{fileId}",
  tags: TAGS,
  summary: "Delete a file",
  request: { params: fileParams },
  responses: { 204: { description: "It is gone." }, ...problems("not_found", "file_in_use") },
});

const inspectRoute = createRoute({
  method: "post",
  path: "/v1/files/{fileId}/inspect",
  tags: TAGS,
  summary: "Look at a file as an import would",
  description:
    "As `application/x-ndjson` what is found so far comes as soon as the first records are read, again every 16 MiB, and a last time at the end: one inspection a line. The reading ends when the client goes away.",
  request: { params: fileParams, body: jsonBody(inspectBodySchema, false) },
  responses: {
    200: {
      description:
        "Encoding, dialect, columns with types and reasons, a sample, what would be rejected.",
      content: { [JSON_TYPE]: { schema: inspectionSchema }, [LINES_TYPE]: { schema: TEXT } },
    },
    ...problems(...PLANNING_CODES, "malformed_request", "body_too_large"),
  },
});

/** The routes of files. */
export function fileRoutes(tools: RouteTools): OpenAPIHono<AppEnv> {
  const { service } = tools;
  const router = createRouter();
  addUploads(router, tools);

  router.openapi(listFilesRoute, async (c) => {
    const page = await service.listFiles(present(c.req.valid("query")));
    return c.json({ items: page.items.map(fileView), next: page.next }, 200);
  });

  router.openapi(getFileRoute, async (c) => {
    const file = await service.getFile(c.req.valid("param").fileId);
    return c.json(fileView(file), 200);
  });

  router.openapi(deleteFileRoute, async (c) => {
    await service.deleteFile(c.req.valid("param").fileId);
    return c.body(null, 204);
  });

  router.openapi(inspectRoute, async (c) => {
    const { all, ...rest } = c.req.valid("json");
    const request: Omit<ImportRequest, "kind" | "file"> = present(rest);
    const { fileId } = c.req.valid("param");
    const how = { readsAll: all === true, signal: c.req.raw.signal };
    const found = service.inspectFile(fileId, request, how);
    const signal = endOfInterest(c);
    const parts = found[Symbol.asyncIterator]();
    // What is refused is refused before the answer begins.
    const first = await parts.next();
    if (first.done === true) throw new Error("An inspection ends with what was found.");
    const type = accepts(c, {
      header: "Accept",
      supports: [JSON_TYPE, LINES_TYPE],
      default: JSON_TYPE,
    });
    if (type === JSON_TYPE)
      return c.json(inspectionView(await lastOf(first.value, parts, signal)), 200);
    const onBroken = (error: unknown): void =>
      tools.log("error", "an inspection broke off", { fileId, error });
    c.header("Content-Type", LINES_TYPE);
    c.header("X-Accel-Buffering", "no");
    const lines = streamOf(linesOf(first.value, parts), { signal, onBroken });
    // The types of the router take lines of JSON for one JSON value; the schema says that they are text.
    return c.body(lines, 200) as never;
  });

  return router;
}

async function lastOf(
  first: Inspection,
  parts: AsyncIterator<Inspection>,
  signal: AbortSignal,
): Promise<Inspection> {
  let last = first;
  for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
    last = next.value;
    if (!signal.aborted) continue;
    await parts.return?.();
    break;
  }
  return last;
}

const ENCODER = new TextEncoder();

function lineOf(part: Inspection): Uint8Array {
  return ENCODER.encode(`${JSON.stringify(inspectionView(part))}\n`);
}

/** No generator: one whose first line nobody takes would leave the file open. */
function linesOf(first: Inspection, parts: AsyncIterator<Inspection>): AsyncIterable<Uint8Array> {
  let isTold = false;
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const part = isTold ? await parts.next() : { done: false as const, value: first };
        isTold = true;
        return part.done === true ? part : { value: lineOf(part.value) };
      },
      return: async () => {
        await parts.return?.();
        return { done: true, value: undefined };
      },
    }),
  };
}

/** Bodies that are read as they come: the framework is not let near them, so they are described apart. */
function addUploads(router: OpenAPIHono<AppEnv>, tools: RouteTools): void {
  const { service } = tools;

  router.openAPIRegistry.registerPath({
    ...putFileRoute,
    request: {
      ...putFileRoute.request,
      body: { required: true, content: { "text/csv": { schema: BYTES } } },
    },
  });
  router.put("/v1/files/:name", async (c) => {
    checkBodyHeaders(c, tools.info);
    const file = await service.putFile(senderName(c.req.param("name")), requestBytes(c));
    return c.json(fileView(file), 201, { Location: `/v1/files/${file.id}` });
  });

  router.openAPIRegistry.registerPath({
    ...postFileRoute,
    request: {
      body: {
        required: true,
        content: {
          "multipart/form-data": {
            schema: { type: "object", required: [FILE_KEY], properties: { [FILE_KEY]: BYTES } },
          },
        },
      },
    },
  });
  router.post("/v1/files", async (c) => {
    checkBodyHeaders(c, tools.info);
    const contentType = c.req.header("content-type");
    if (!isMultipart(contentType)) throw fileMissing();
    const form = await readFileForm(contentType, requestBytes(c), {
      receive: (name, source) => service.putFile(name, source),
      discard: (file) => service.deleteFile(file.id),
    });
    if (!form.file) throw fileMissing();
    return c.json(fileView(form.file), 201, { Location: `/v1/files/${form.file.id}` });
  });
}

function fileMissing(): Error {
  return invalidRequest([
    {
      pointer: `/${FILE_KEY}`,
      code: "required",
      detail: `Expected a multipart form with one file under the key "${FILE_KEY}".`,
    },
  ]);
}
