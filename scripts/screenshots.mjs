// Writes the pictures of the documents, docs/images/*.png, from a real service, a real import and a real Chromium:
//   npm run build && node scripts/screenshots.mjs [folder]
// Nothing is drawn: when a screen changes, this is run again.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { loadConfig } from "../dist/config/load-config.js";
import { startService } from "../dist/server.js";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
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
const ROWS = 1_000_000;
const images = process.argv[2] ?? fileURLToPath(new URL("../docs/images", import.meta.url));

/** People, of whom 12 do not fit. */
function people() {
  const lines = ["id,Full Name,email,age,zip,born"];
  for (let row = 1; row <= ROWS; row += 1) {
    const age = row % 83_333 === 12_000 ? "forty" : 20 + (row % 60);
    const zip = String(row % 100_000).padStart(5, "0");
    const born = `19${50 + (row % 49)}-0${1 + (row % 9)}-1${row % 9}`;
    lines.push(`${row},Ada Lovelace ${row},ada${row}@example.com,${age},${zip},${born}`);
  }
  return `${lines.join("\n")}\n`;
}

const shoot = (page, name) => page.screenshot({ path: join(images, `${name}.png`) });

async function take(service, browser) {
  const stored = await fetch(`${service.url}/v1/files/people_2026.csv`, {
    method: "PUT",
    body: people(),
  });
  const file = (await stored.json()).id;
  const open = async (theme) => {
    const context = await browser.newContext({
      viewport: { width: 1180, height: 900 },
      colorScheme: theme,
      locale: "en-US",
    });
    return context.newPage();
  };
  const page = await open("light");
  await page.goto(`${service.url}/import/${file}`);
  await page.getByLabel("Type of age").selectOption("integer");
  await page.getByLabel("Table", { exact: true }).fill("people");
  await page.getByText("will be rejected").first().waitFor({ timeout: 60_000 });
  await shoot(page, "columns-light");
  await page.getByRole("button", { name: "Start import" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.waitForTimeout(3000);
  await page.keyboard.press("p");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await page.waitForTimeout(2000);
  await page.keyboard.press("p");
  await page.getByText("Throughput").waitFor();
  await page.waitForTimeout(2000);
  await shoot(page, "job-light");
  await page.keyboard.press("s");
  await page.getByRole("button", { name: "Keep running" }).waitFor();
  await shoot(page, "stop-light");
  await page.keyboard.press("Escape");

  const dark = await open("dark");
  await dark.goto(page.url());
  await dark.getByText("Saved").waitFor();
  await dark.waitForTimeout(3000);
  await shoot(dark, "job-dark");
  await page.getByText("Imported").waitFor({ timeout: 120_000 });
  await page.goto(`${service.url}/jobs`);
  await page.getByText("Done").first().waitFor();
  await page.waitForTimeout(1000);
  await shoot(page, "jobs-light");
}

mkdirSync(images, { recursive: true });
const dir = mkdtempSync(join(tmpdir(), "sluice-screenshots-"));
const config = await loadConfig({
  cwd: dir,
  environment: { SLUICE_DIR: dir, SLUICE_PORT: "0", SLUICE_LANES: "1" },
});
// Chunks as small as in a slow database, so that there is time to look.
const settings = { minChunkBytes: 32 * 1024, maxChunkBytes: 32 * 1024 };
const service = await startService(config, { log: () => undefined, settings });
const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
try {
  await take(service, browser);
} finally {
  await browser.close();
  await service.stop();
  rmSync(dir, { recursive: true, force: true });
}
