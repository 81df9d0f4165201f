import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Hono } from "hono";
import type { AppEnv } from "./app-context.ts";
import { dashboardRoutes, isDashboardPage, isDashboardPath } from "./dashboard-routes.ts";

const PAGE = "<!doctype html><title>Sluice</title>";
const SCRIPT = "export {};";

let folder: string;
let routes: Hono<AppEnv>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-dashboard-"));
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "index.html"), PAGE);
  await writeFile(join(folder, "assets/index-abc.js"), SCRIPT);
  await writeFile(join(folder, "secret.txt"), "secret");
  routes = dashboardRoutes(pathToFileURL(`${folder}/`));
});
afterAll(() => rm(folder, { recursive: true }));

describe("the page", () => {
  test.each([
    "/",
    "/jobs",
    "/jobs/job_1",
    "/jobs/job_1/rows",
    "/import",
    "/import/file_1",
    "/files",
    "/settings",
  ])("is at %s", async (path) => {
    const response = await routes.request(path);

    expect(await response.text()).toBe(PAGE);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(isDashboardPage(path)).toBe(true);
  });

  test("lets in its own scripts and styles alone, and stands in no frame", async () => {
    const policy = (await routes.request("/")).headers.get("content-security-policy") ?? "";

    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
  });

  test("is asked for each time, and not sent again while it is the same", async () => {
    const first = await routes.request("/");
    const etag = first.headers.get("etag") ?? "";

    const second = await routes.request("/jobs", { headers: { "If-None-Match": etag } });

    expect(first.headers.get("cache-control")).toBe("no-cache");
    expect(second.status).toBe(304);
    expect(await second.text()).toBe("");
  });
});

describe("files", () => {
  test("whose names have a hash are kept for good", async () => {
    const response = await routes.request("/assets/index-abc.js");

    expect(await response.text()).toBe(SCRIPT);
    expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(response.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  });

  test("are compressed for those who take it", async () => {
    const response = await routes.request("/assets/index-abc.js", {
      headers: { "Accept-Encoding": "br, gzip" },
    });

    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(gunzipSync(Buffer.from(await response.arrayBuffer())).toString()).toBe(SCRIPT);
  });

  test.each([
    "/assets/none.js",
    "/assets/..%2fsecret.txt",
    "/assets/..%2findex.html",
    "/secret.txt",
  ])("outside the build are not found: %s", async (path) => {
    expect((await routes.request(path)).status).toBeGreaterThanOrEqual(404);
  });

  test("that were built later are found then", async () => {
    const before = await routes.request("/assets/late-1.js");
    await writeFile(join(folder, "assets/late-1.js"), SCRIPT);

    const after = await routes.request("/assets/late-1.js");

    expect([before.status === 200, after.status]).toEqual([false, 200]);
  });
});

test.each(["/v1/jobs", "/status", "/pause", "/jobs/a/b/c", "/assets/../v1", "/docs"])(
  "%s does not belong to the dashboard",
  (path) => {
    expect(isDashboardPath(path)).toBe(false);
  },
);
