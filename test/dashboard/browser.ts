/** A real Chromium for tests of the screens, and what they check on each. */
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { expect } from "vitest";
import { ROOT } from "../docs/pages.ts";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** How long a screen may take to show what it is waited for, on a machine that does other things too. */
const PATIENCE_MS = 15_000;

/** Path of the Chromium of this machine, or null: tests of the screens are left out then. */
export const CHROMIUM = PLACES.find((place) => existsSync(place)) ?? null;

/** What the tests are called; it says why they are left out. */
export function screensNamed(name: string): string {
  return CHROMIUM === null ? `${name} (left out: no Chromium was found)` : name;
}

export const THEMES = ["light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** A browser with nothing of earlier runs in it. */
export interface TestBrowser {
  /** A window of its own storage. */
  open(options?: {
    readonly theme?: Theme;
    readonly width?: number;
    readonly height?: number;
  }): Promise<BrowserContext>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts the browser, with a new folder for its data. */
export async function startBrowser(): Promise<TestBrowser> {
  if (CHROMIUM === null) throw new Error("There is no Chromium.");
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  return {
    open: async ({ theme = "light", width = 1180, height = 900 } = {}) => {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: theme,
        locale: "en-US",
        reducedMotion: "reduce",
      });
      context.setDefaultTimeout(PATIENCE_MS);
      return context;
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

/** Collects what a page complains of. A screen that works says nothing. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  return complaints;
}

/** Where pictures of the screens are left for people to look at; nothing compares them. */
const PICTURES = join(ROOT, "test/output/dashboard");

/**
 * Keeps a picture under a name: of the whole page, or of the window where something lies over the page. Only with
 * `TEST_PICTURES` in the environment: drawing them takes longer than most of what the tests check.
 */
export async function takePicture(
  page: Page,
  name: string,
  of: "page" | "window" = "page",
): Promise<void> {
  if (process.env["TEST_PICTURES"] === undefined) return;
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: of === "page" });
}

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** Expects that axe finds nothing against WCAG 2.2 AA on the page as it is. */
export async function expectAccessible(page: Page): Promise<void> {
  // Over the protocol: the policy of the pages lets no script in.
  await page.evaluate(`window.axe ?? (() => { ${axeSource} })()`);
  const result: AxeResult = await page.evaluate(
    `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })`,
  );
  const found = result.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ""}`),
  );
  expect(found).toEqual([]);
}
