import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { ERRORS } from "../../core/error-table.ts";
import { docsRoutes } from "./docs-routes.ts";
import { escapeHtml } from "./page.ts";

const swagger = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
const routes = docsRoutes(pathToFileURL(join(swagger, "/")));
routes.onError((error, c) => c.text(error.message, 404));

describe("/docs", () => {
  test("loads only files that the service has", async () => {
    const page = await (await routes.request("/docs")).text();
    const links = [...page.matchAll(/<(?:script|link)[^>]*(?:src|href)="([^"]+)"/g)].map(
      (match) => match[1] ?? "",
    );

    expect(links).toHaveLength(3);
    for (const link of links) expect((await routes.request(link)).status, link).toBe(200);
  });

  test("has no script or style in the page, and a policy that would refuse them", async () => {
    const response = await routes.request("/docs");
    const policy = response.headers.get("content-security-policy") ?? "";

    expect(await response.text()).not.toMatch(/<script>|<style|style=|\son\w+=/);
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain("unsafe");
  });

  test.each(["package.json", "..%2Fpackage.json", "constructor", "swagger-ui.css.map"])(
    "does not serve %s",
    async (name) => {
      expect((await routes.request(`/docs/assets/${name}`)).status).toBeGreaterThanOrEqual(400);
    },
  );
});

describe("/docs/errors", () => {
  test.each(Object.keys(ERRORS))("explains %s", async (code) => {
    const response = await routes.request(`/docs/errors/${code}`);

    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(await response.text()).toContain(`<code>${code}</code>`);
  });
});

test("text in a page cannot become markup", () => {
  expect(escapeHtml(`<img src="x" onerror='1'>&`)).toBe(
    `&lt;img src=&quot;x&quot; onerror='1'&gt;&amp;`,
  );
});
