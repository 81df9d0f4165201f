/** The columns of an import in the browser: what is wrong with a file or its target, and the click that cures it. */
import { EventEmitter, once } from "node:events";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import {
  CHROMIUM,
  complaintsOf,
  expectAccessible,
  screensNamed,
  startBrowser,
  takePicture,
  THEMES,
  type TestBrowser,
  type Theme,
} from "./browser.ts";
import { openScene, type Scene } from "./scene.ts";

let scene: Scene;
let browser: TestBrowser;
let page: Page;
const files: Record<string, string> = {};

/** Contacts of whom phone and e-mail are exchanged, one age is a word, and notes are NULL. */
function contactsCsv(rows: number): string {
  const lines = ["Full Name,phone,email,age,notes"];
  for (let row = 1; row <= rows; row += 1)
    lines.push(
      `Ada ${row},a${row}@example.com,+49 30 55${1000 + row},${row === 40 ? "forty" : row % 90},NULL`,
    );
  return `${lines.join("\n")}\n`;
}

const FILES: Readonly<Record<string, string | Buffer>> = {
  "contacts.csv": contactsCsv(100),
  "kunden.csv": Buffer.from("Straße;Betrag\nHauptstraße 1;1,50\n", "latin1"),
  "title.csv": "Report,,\n,,\nid,name,city\n1,Ada,London\n2,Jean,Paris\n",
  "taken.csv": "id,name\n1,Ada\n",
  "born.csv": "id,born\n1,31.12.1984\n2,01.02.1985\n",
  "invoice.pdf": "%PDF-1.7\n%binary",
};

async function openFile(name: string, theme: Theme = "light", width?: number): Promise<Page> {
  const context = await browser.open({ theme, ...(width === undefined ? {} : { width }) });
  page = await context.newPage();
  await page.goto(`${scene.service.url}/import/${files[name]}`);
  return page;
}

/** Reading goes no further than the first part, as of a file that is long. */
async function holdCheck(whole: Page): Promise<void> {
  await whole.route("**/inspect", async (route) => {
    const response = await route.fetch();
    const lines = (await response.text()).trimEnd().split("\n");
    const part = JSON.parse(lines[0] ?? "{}") as { survey: object; sourceBytes: number };
    const survey = { ...part.survey, isWhole: false, recordsRead: 412_000, bytesRead: 412 };
    const body = `${JSON.stringify({ ...part, survey, sourceBytes: 1000 })}\n`;
    await route.fulfill({ response, body });
  });
}

async function rowsOf(sql: string): Promise<readonly unknown[]> {
  return (await scene.pool.query<object>(sql)).rows;
}

function titlesOfTaken(): Promise<readonly unknown[]> {
  return rowsOf("select title from taken order by id");
}

async function nothing(): Promise<void> {
  await page.getByText("2 Columns", { exact: true }).waitFor();
}

async function chooseTaken(): Promise<void> {
  await page.getByLabel("Rows go to").selectOption("append");
  await page.getByRole("combobox", { name: "Table" }).selectOption("public.taken");
}

async function chooseReplace(): Promise<void> {
  await chooseTaken();
  await chooseWay("replace the whole table");
}

async function chooseWay(label: string): Promise<void> {
  await page.getByLabel("When a row already exists").selectOption({ label });
}

async function startAndWait(): Promise<void> {
  await page.getByRole("button", { name: "Start import" }).click();
  await page.getByText(/^Imported/).waitFor();
}

describe.skipIf(CHROMIUM === null)(screensNamed("the columns of an import"), () => {
  beforeAll(async () => {
    scene = await openScene();
    browser = await startBrowser();
    for (const [name, content] of Object.entries(FILES))
      files[name] = (await scene.service.client.uploadFile(name, Buffer.from(content))).id;
    await scene.pool.query(
      "create table taken (id bigint primary key, title text not null); create table dated (id bigint primary key, born date)",
    );
  });
  afterEach(async () => {
    await page.context().close();
    // A test that is run again makes its tables itself.
    const { client } = scene.service;
    for (const { id, actions } of (await client.listJobs()).items)
      // One that has ended meanwhile makes nothing more.
      if (actions.includes("stop")) await client.act(id, "stop").catch(() => undefined);
    await scene.pool.query(
      "drop table if exists contacts, kunden, title, taken_2; truncate taken, dated",
    );
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await scene?.[Symbol.asyncDispose]();
  });

  const STATES = [
    [
      "suspicions",
      "contacts.csv",
      nothing,
      "phone holds e-mail addresses and email phone numbers.",
    ],
    ["encoding", "kunden.csv", nothing, "Read it as windows-1252"],
    ["wrong-file", "invoice.pdf", nothing, "This is a PDF document."],
    ["title", "title.csv", nothing, "The header names 1 of 3 columns"],
    ["taken", "taken.csv", nothing, "public.taken exists already."],
    ["required", "taken.csv", chooseTaken, "A required column has no source."],
    ["replace", "taken.csv", chooseReplace, "All rows of public.taken go"],
    [
      "format",
      "contacts.csv",
      () => page.getByText("UTF-8, comma, header on line 1").click(),
      "Lines before the header",
    ],
  ] as const;

  for (const theme of THEMES)
    test.each(STATES)(`%s, in the ${theme} theme`, async (name, file, act, text) => {
      await openFile(file, theme);
      const complaints = complaintsOf(page);

      await act();
      await page.getByText(text).first().waitFor();

      await takePicture(page, `import-${name}-${theme}`);
      await expectAccessible(page);
      expect(complaints.filter((complaint) => !complaint.includes("status of 4"))).toEqual([]);
    });

  for (const theme of THEMES)
    test(`the check says how far it is, in the ${theme} theme`, async () => {
      await openFile("invoice.pdf", theme);
      await holdCheck(page);

      await page.goto(`${scene.service.url}/import/${files["contacts.csv"]}`);
      await page.getByText("Checked 412,000 of about 1,000,000 rows so far").waitFor();

      expect(await page.getByText("✓ all fit so far").count()).toBe(5);
      expect(await page.getByRole("button", { name: "Start import" }).isEnabled()).toBe(true);
      await takePicture(page, `import-checking-${theme}`);
      await expectAccessible(page);
    });

  test.each(STATES)("%s fits a width of 360 pixels", async (name, file, act, text) => {
    await openFile(file, "light", 360);
    await act();
    await page.getByText(text).first().waitFor();

    await takePicture(page, `import-narrow-${name}`);
    const wider: boolean = await page.evaluate(
      "document.documentElement.scrollWidth > document.documentElement.clientWidth",
    );
    expect(wider).toBe(false);
  });

  test("cures of one click put each value where it belongs", async () => {
    await openFile("contacts.csv");

    await page.getByRole("button", { name: "Exchange them" }).click();
    await page.getByRole("button", { name: "Read them as no value" }).click();
    await page.getByRole("button", { name: "Make it integer for age" }).click();
    await page.getByText("1 row will be rejected").waitFor();
    expect(await page.locator("main").getByText("holds e-mail addresses").count()).toBe(0);
    await page.reload();
    await page.getByText("1 row will be rejected").waitFor();
    await page.getByRole("button", { name: "Start import" }).click();
    await page.getByText("Done, 1 rejected").first().waitFor();

    const [first] = await rowsOf("select * from contacts order by age, full_name limit 1");
    expect(first).toEqual({
      full_name: "Ada 90",
      phone: "+49 30 551090",
      email: "a90@example.com",
      age: 0,
      notes: null,
    });
  });

  test("dates into a table that exists are read after a click that says how they are written", async () => {
    await openFile("born.csv");
    await page.getByLabel("Rows go to").selectOption("append");
    await page.getByRole("combobox", { name: "Table" }).selectOption("public.dated");
    await page.getByRole("button", { name: "Read born as DD.MM.YYYY" }).click();
    await startAndWait();

    expect(await rowsOf("select id::int, born::text from dated order by id")).toEqual([
      { id: 1, born: "1984-12-31" },
      { id: 2, born: "1985-02-01" },
    ]);
  });

  test("a name that is being typed stays while an answer comes", async () => {
    await openFile("taken.csv");
    const gate = new EventEmitter();
    const held = once(gate, "open");
    await page.getByText("public.taken exists already.").waitFor();
    await page.route("**/inspect", async (route) => {
      await held;
      await route.continue();
    });

    await page.getByRole("button", { name: "Make public.taken_2" }).click();
    await page.getByLabel("Column for name").fill("title");
    gate.emit("open");
    await until("it can start", () =>
      page.getByRole("button", { name: "Start import" }).isEnabled(),
    );

    expect(await page.getByLabel("Column for name").inputValue()).toBe("title");
  });

  test("a limit does not have the file read again", async () => {
    await openFile("taken.csv");
    await page.getByRole("button", { name: "Make public.taken_2" }).click();
    await page.getByText("Checked all 1 row").waitFor();
    await expect
      .poll(() => page.getByRole("button", { name: "Start import" }).isEnabled())
      .toBe(true);
    let looks = 0;
    page.on("request", (request) => (looks += Number(request.url().endsWith("/inspect"))));

    await page.getByLabel("Pause after").fill("10");
    await page.getByRole("spinbutton", { name: "At most" }).fill("1000");
    await page.getByLabel("Fail after more than").fill("5%");
    await startAndWait();

    expect(looks).toBe(0);
  });

  test("a file of another encoding and one with a title are read after a click", async () => {
    await openFile("kunden.csv");
    await page.getByRole("button", { name: "Read it as windows-1252" }).click();
    await page.getByRole("cell", { name: "Hauptstraße 1" }).first().waitFor();
    await startAndWait();
    await page.goto(`${scene.service.url}/import/${files["title.csv"]}`);
    await page.getByRole("button", { name: "Leave it out" }).click();
    await page.getByLabel("Column for city").waitFor();
    await startAndWait();

    expect(await rowsOf('select "straße" as street from kunden')).toEqual([
      { street: "Hauptstraße 1" },
    ]);
    expect(await rowsOf("select id, name, city from title order by id")).toEqual([
      { id: 1, name: "Ada", city: "London" },
      { id: 2, name: "Jean", city: "Paris" },
    ]);
  });

  test("into a table that exists a header without a column is a choice, and the next file begins with it", async () => {
    await openFile("taken.csv");
    await page.getByRole("button", { name: "Add the rows to it" }).click();
    await page.getByText("A required column has no source.").first().waitFor();
    expect(await page.getByRole("button", { name: "Start import" }).isEnabled()).toBe(false);
    await page.getByLabel("Column for name").selectOption("title");
    await page.getByText("Checked all 1 row").waitFor();
    await startAndWait();
    const next = await scene.service.client.uploadFile(
      "next.csv",
      Buffer.from("id,name\n2,Jean\n"),
    );
    await page.goto(`${scene.service.url}/import/${next.id}`);
    await page.getByText("Used the mapping of").waitFor();
    await startAndWait();

    expect(await rowsOf("select id::int, title from taken order by id")).toEqual([
      { id: 1, title: "Ada" },
      { id: 2, title: "Jean" },
    ]);
  });

  test("rows that exist are updated, skipped or replaced, as it is chosen", async () => {
    await scene.pool.query("insert into taken values (1, 'old')");
    const importBy = async (way: string): Promise<void> => {
      await openFile("taken.csv");
      await chooseTaken();
      await page.getByRole("combobox", { name: "Column for name" }).selectOption("title");
      await chooseWay(way);
      await page.getByText("Checked all 1 row").waitFor();
      await startAndWait();
    };

    await importBy("skip it");
    await page.getByText("0 new, 0 updated, 1 unchanged").waitFor();
    expect(await titlesOfTaken()).toEqual([{ title: "old" }]);

    await page.context().close();
    await importBy("update it, matched by id");
    await page.getByText("0 new, 1 updated, 0 unchanged").waitFor();
    expect(await titlesOfTaken()).toEqual([{ title: "Ada" }]);

    await scene.pool.query("insert into taken values (2, 'other')");
    await page.context().close();
    await importBy("replace the whole table");
    await page.getByText("in the place of 2").waitFor();
    expect(await titlesOfTaken()).toEqual([{ title: "Ada" }]);
  });

  test("a mapping that was used can be reset, and a taken name becomes the next one", async () => {
    await openFile("taken.csv");
    await page.getByRole("button", { name: "Make public.taken_2" }).click();
    await page.getByLabel("Column for name").fill("title");
    await page.keyboard.press("Tab");
    await startAndWait();
    const next = await scene.service.client.uploadFile(
      "third.csv",
      Buffer.from("id,name\n2,Jean\n"),
    );
    await page.goto(`${scene.service.url}/import/${next.id}`);
    await page.getByText("Used the mapping of").waitFor();
    await until("the mapping is used", async () => {
      return (await page.getByLabel("Column for name").inputValue()) === "title";
    });

    await page.getByRole("button", { name: "Reset" }).click();

    await until("it is named after the file again", async () => {
      return (await page.getByLabel("Column for name").inputValue()) === "name";
    });
    expect(await page.getByText("Used the mapping of").count()).toBe(0);
    expect(await rowsOf("select title from taken_2")).toEqual([{ title: "Ada" }]);
  });
});
