/**
 * The API for people: `/docs` shows `/openapi.json` with Swagger UI, and every error code has a page. Nothing is
 * loaded from elsewhere, and no script or style stands in a page, so the pages work offline and under a strict policy.
 */
import { readFile } from "node:fs/promises";
import type { MiddlewareHandler } from "hono";
import { Hono } from "hono";
import { ERRORS, type ErrorCode } from "../../core/error-table.ts";
import type { AppEnv } from "../app-context.ts";
import { notFound } from "../problem-details.ts";
import { PAGE_POLICY } from "../page-policy.ts";
import { escapeHtml, htmlPage } from "./page.ts";

/** The build copies Swagger UI here; beside the sources there is no such folder. */
const ASSETS_FOLDER = new URL("../assets/", import.meta.url);

const ASSET_TYPES: Readonly<Record<string, string>> = {
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "swagger-ui.css": "text/css; charset=utf-8",
};

const START_SCRIPT = `window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null,
});
`;

const PAGE_STYLE = `body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 46rem; padding: 2rem 1rem; }
code { font-size: 1.05em; }
`;

const DOCS_PAGE = htmlPage(
  "Sluice API",
  `<div id="api"></div>
<noscript>This page needs JavaScript. The description itself is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/assets/start.js"></script>`,
  '<link rel="stylesheet" href="/docs/assets/swagger-ui.css">\n',
);

const allowOwnFiles: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  c.header("Content-Security-Policy", PAGE_POLICY);
};

/** The routes of the documentation. `assets` is the folder with the files of Swagger UI. */
export function docsRoutes(assets: URL = ASSETS_FOLDER): Hono<AppEnv> {
  const router = new Hono<AppEnv>();
  router.use("/docs", allowOwnFiles);
  router.use("/docs/*", allowOwnFiles);

  router.get("/docs", (c) => c.html(DOCS_PAGE));
  router.get("/docs/assets/start.js", (c) =>
    c.body(START_SCRIPT, 200, { "Content-Type": "text/javascript; charset=utf-8" }),
  );
  router.get("/docs/assets/page.css", (c) =>
    c.body(PAGE_STYLE, 200, { "Content-Type": "text/css; charset=utf-8" }),
  );
  router.get("/docs/assets/:name", async (c) => {
    const name = c.req.param("name");
    const type = Object.hasOwn(ASSET_TYPES, name) ? ASSET_TYPES[name] : undefined;
    const bytes = type === undefined ? null : await readAsset(new URL(name, assets));
    if (type === undefined || bytes === null) throw notFound("There is no such part of the page.");
    return c.body(bytes, 200, { "Content-Type": type, "Cache-Control": "max-age=3600" });
  });
  router.get("/docs/errors/:code", (c) => {
    const code = c.req.param("code");
    if (!isErrorCode(code)) throw notFound("There is no error of this code.");
    return c.html(errorPage(code));
  });
  return router;
}

async function readAsset(file: URL): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

function errorPage(code: ErrorCode): string {
  const { title, advice, status } = ERRORS[code];
  const isRetryable = "isRetryable" in ERRORS[code];
  return htmlPage(
    `${title} · Sluice`,
    `<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(advice)}</p>
<p>Code <code>${code}</code>, HTTP status ${status}.${isRetryable ? " The same request may succeed later." : ""}</p>
<p><a href="/docs">API</a></p>`,
    '<link rel="stylesheet" href="/docs/assets/page.css">\n',
  );
}
