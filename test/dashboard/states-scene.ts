/** Real jobs of a real service, held in a state for as long as a picture takes, and what their pages must say. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { JobView } from "../../src/client/index.ts";
import { SMALL_PIECES, temporaryFolder } from "../support/service.ts";
import { until } from "../support/until.ts";
import {
  expectAccessible,
  startBrowser,
  takePicture,
  THEMES,
  type TestBrowser,
} from "./browser.ts";
import { openScene, type Scene } from "./scene.ts";

const WIDE = { width: 1180, height: 900 };
const NARROW = { width: 360, height: 780 };
/** Sessions that are held at once. */
const LANES = "4";

/** What a test of several states may take on a machine that does other things too. */
export const PATIENCE_MS = 240_000;

/** Something that is held until it is let go. */
export interface Held {
  /** The backend that holds it. */
  readonly pid: number;
  letGo(): Promise<void>;
}

/** What the page of a job has to say. */
export interface Shown {
  /** Icon and word. */
  readonly pill: string;
  /** What is said on the page beside it: the lines under the bar above all. */
  readonly says: readonly (string | RegExp)[];
  readonly buttons: readonly string[];
}

/** A service whose jobs can be held, and one page that looks at them. */
export class StatesScene {
  readonly scene: Scene;
  readonly page: Page;
  readonly #browser: TestBrowser;
  readonly #folder: Awaited<ReturnType<typeof temporaryFolder>>;
  readonly #held = new Set<Held>();

  private constructor(
    scene: Scene,
    page: Page,
    browser: TestBrowser,
    folder: Awaited<ReturnType<typeof temporaryFolder>>,
  ) {
    this.scene = scene;
    this.page = page;
    this.#browser = browser;
    this.#folder = folder;
  }

  /** Starts it with these processes, by the name of the file. */
  static async open(processes: Readonly<Record<string, string>> = {}): Promise<StatesScene> {
    const folder = await temporaryFolder();
    const place = join(folder.path, "processes");
    await mkdir(place);
    for (const [name, text] of Object.entries(processes)) await writeFile(join(place, name), text);
    const scene = await openScene(
      { SLUICE_PROCESSES: place, SLUICE_CONCURRENCY: LANES, SLUICE_LANES: LANES },
      { ...SMALL_PIECES, leaseMs: 6_000 },
    );
    const browser = await startBrowser();
    const page = await (await browser.open(WIDE)).newPage();
    return new StatesScene(scene, page, browser, folder);
  }

  get client(): Scene["service"]["client"] {
    return this.scene.service.client;
  }

  /** Does a statement in a transaction that stays open. */
  async hold(text: string, values: readonly unknown[] = []): Promise<Held> {
    const connection = await this.scene.pool.connect();
    await connection.query("begin");
    const { rows } = await connection.query<{ pid: number }>("select pg_backend_pid() as pid");
    await connection.query(text, [...values]);
    const held: Held = {
      pid: rows[0]?.pid ?? 0,
      letGo: async () => {
        if (!this.#held.delete(held)) return;
        await connection.query("rollback");
        connection.release();
      },
    };
    this.#held.add(held);
    return held;
  }

  /** Holds the row of a job, shared: its chunks go on, and what is asked of it stays on its way. */
  holdJob(id: string): Promise<Held> {
    return this.hold("select from sluice.job where id = $1 for share", [id]);
  }

  /** Holds a lock at which a process waits. */
  close(gate: number): Promise<Held> {
    return this.hold("select pg_advisory_xact_lock($1)", [gate]);
  }

  async upload(name: string, bytes: Buffer): Promise<string> {
    return (await this.client.uploadFile(name, bytes)).id;
  }

  async reach(id: string, state: JobView["state"]): Promise<JobView> {
    return until(`the job is ${state}`, async () => {
      const job = await this.client.getJob(id);
      return job.state === state && job;
    });
  }

  /** Waits until so many rows of a job are read. */
  async read(id: string, rows: number): Promise<void> {
    await until(`${rows} rows are read`, async () => {
      return (await this.client.getJob(id)).progress.recordsRead >= rows;
    });
  }

  /** Asks for what cannot be reached while something is held. */
  ask(id: string, action: "pause" | "stop" | "undo", body: object = {}): void {
    // What it comes to is seen on the page.
    this.client.act(id, action, body).catch(() => undefined);
  }

  async goTo(path: string): Promise<void> {
    await this.page.goto(this.scene.service.url + path);
  }

  /** Opens the page of a job, expects it to say all this, and looks at it. */
  async show(name: string, id: string, shown: Shown): Promise<void> {
    await this.goTo(`/jobs/${id}`);
    await this.see(name, shown);
  }

  /** Opens the page of a job before something is asked of it whose words are soon others. */
  async watch(id: string): Promise<void> {
    await this.goTo(`/jobs/${id}`);
    await this.page.locator("main h1 ~ .pill").waitFor();
  }

  /** Expects the page that is open to say all this, and looks at it. */
  async see(name: string, shown: Shown): Promise<void> {
    await this.expectShown(shown);
    await this.look(name);
  }

  async expectShown({ pill, says, buttons }: Shown): Promise<void> {
    const main = this.page.locator("main");
    await main.locator("h1 ~ .pill").filter({ hasText: pill }).waitFor();
    expect(await main.locator("h1 ~ .pill").textContent()).toBe(pill);
    for (const text of says) await main.getByText(text).first().waitFor();
    await expect
      .poll(() => main.locator(".jobbuttons > :is(button, a)").allTextContents())
      .toEqual(buttons);
  }

  /** Presses a button and looks at the dialog that it opens; Esc closes it. */
  async lookAtQuestion(name: string, button: string, says: readonly string[]): Promise<void> {
    await this.page.getByRole("button", { name: button }).click();
    const dialog = this.page.locator("dialog[open]");
    await dialog.waitFor();
    for (const text of says) await dialog.getByText(text).first().waitFor();
    await this.look(name, "window");
    await this.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  }

  /** Takes pictures in both themes and in a narrow window, which nothing may be wider than; axe finds nothing. */
  async look(name: string, of: "page" | "window" = "page"): Promise<void> {
    const { page } = this;
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      await takePicture(page, `state-${name}-${theme}`, of);
      await expectAccessible(page);
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(NARROW);
    await takePicture(page, `state-${name}-narrow`, "window");
    const excess: number = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    await page.setViewportSize(WIDE);
    expect(excess).toBeLessThanOrEqual(0);
  }

  /** Lets go of everything, stops what is not over, and undoes what failed: a test that is run again finds none of it. */
  async clear(): Promise<void> {
    for (const held of this.#held) await held.letGo();
    if (!this.scene.service.isAlive()) await this.scene.restart();
    const { items } = await this.client.listJobs();
    for (const { id, state, actions } of items) {
      const action = state === "failed" ? "undo" : "stop";
      // One that has ended meanwhile is what was wanted.
      if (actions.includes(action)) await this.client.act(id, action).catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const held of this.#held) await held.letGo();
    await this.#browser[Symbol.asyncDispose]();
    await this.scene[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}
