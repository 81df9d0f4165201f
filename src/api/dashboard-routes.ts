/**
 * The dashboard: one page for every address of it, and the files that the page names.
 *
 * Page and files are the same for everybody and hold no data, so they are answered without a token; what the page shows
 * comes from `/v1`, which asks for one. Files whose names carry a hash of their content never change and are kept by the
 * browser for a year; the others are asked for each time and answered by 304 while they are the same. The policy
 * allows scripts and styles of the service's own files alone.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { Hono } from "hono";
import type { AppContext, AppEnv } from "./app-context.ts";
import { PAGE_POLICY } from "./page-policy.ts";
import { notFound } from "./problem-details.ts";

/** The build puts the dashboard here; beside the sources there is no such folder. */
const ASSETS_FOLDER = new URL("../dashboard/", import.meta.url);

/** The addresses of the page. Which of its screens they show the page decides itself. */
const PAGES = [
  "/",
  "/jobs",
  "/jobs/:jobId",
  "/jobs/:jobId/:tab",
  "/import",
  "/import/:fileId",
  "/export",
  "/processes",
  "/processes/:name",
  "/files",
  "/settings",
] as const;
const PAGE_PATTERN =
  /^\/(jobs(\/[^/]+){0,2}|import(\/[^/]+)?|export|processes(\/[^/]+)?|files|settings)?$/;
const ASSET_PATTERN = /^\/(assets\/[\w.-]+|theme\.js|favicon\.svg)$/;

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

const FOREVER = "public, max-age=31536000, immutable";
const ASK_EACH_TIME = "no-cache";

interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
}

/** Whether a path is an address of the dashboard's page. */
export function isDashboardPage(path: string): boolean {
  return PAGE_PATTERN.test(path);
}

/** Whether a path is the dashboard's page or a file of it, which are open to all. */
export function isDashboardPath(path: string): boolean {
  return isDashboardPage(path) || ASSET_PATTERN.test(path);
}

/** The routes of the dashboard. `folder` holds what the build made, and ends in a slash. */
export function dashboardRoutes(folder: URL = ASSETS_FOLDER): Hono<AppEnv> {
  const router = new Hono<AppEnv>();
  const assets = new Map<string, Promise<Asset | null>>();
  const find = (name: string): Promise<Asset | null> => {
    const known = assets.get(name);
    if (known !== undefined) return known;
    const reading = readAsset(folder, name);
    assets.set(name, reading);
    // What is missing may be built later, and names of nothing must not pile up.
    const forget = (asset: Asset | null): unknown => asset ?? assets.delete(name);
    void reading.then(forget, () => assets.delete(name));
    return reading;
  };
  const answer = async (c: AppContext, name: string, caching: string): Promise<Response> => {
    const asset = await find(name);
    if (asset === null)
      throw notFound("This build has no dashboard. `npm run build` makes it; the API is at /docs.");
    return answerAsset(c, asset, caching);
  };

  for (const page of PAGES) router.get(page, (c) => answer(c, "index.html", ASK_EACH_TIME));
  router.get("/theme.js", (c) => answer(c, "theme.js", ASK_EACH_TIME));
  router.get("/favicon.svg", (c) => answer(c, "favicon.svg", ASK_EACH_TIME));
  router.get("/assets/:name{[\\w.-]+}", (c) => answer(c, `assets/${c.req.param("name")}`, FOREVER));
  return router;
}

function answerAsset(c: AppContext, asset: Asset, caching: string): Response {
  const headers = {
    "Content-Type": asset.type,
    "Content-Security-Policy": PAGE_POLICY,
    "Cache-Control": caching,
    ETag: asset.etag,
    Vary: "Accept-Encoding",
  };
  if (c.req.header("if-none-match") === asset.etag) return c.body(null, 304, headers);
  const takesGzip = /\bgzip\b/.test(c.req.header("accept-encoding") ?? "");
  return takesGzip
    ? c.body(asset.gzipped, 200, { ...headers, "Content-Encoding": "gzip" })
    : c.body(asset.plain, 200, headers);
}

async function readAsset(folder: URL, name: string): Promise<Asset | null> {
  const type = TYPES[name.slice(name.lastIndexOf(".") + 1)];
  if (type === undefined || name.includes("..")) return null;
  try {
    const plain = new Uint8Array(await readFile(new URL(name, folder)));
    const gzipped = new Uint8Array(await promisify(gzip)(plain));
    const hash = createHash("sha256").update(plain).digest("base64url").slice(0, 22);
    return { type, etag: `W/"${hash}"`, plain, gzipped };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
