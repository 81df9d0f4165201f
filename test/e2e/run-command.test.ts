/** `sluice run` and `sluice init process`: with a service of its own, and with one that runs. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runCommand, type CliEnd } from "../support/cli.ts";
import { openTestDatabase } from "../support/database.ts";
import { aFileOfPeople, DoorScene } from "../support/door-scene.ts";
import { temporaryFolder } from "../support/service.ts";

describe("without a service", () => {
  test("a process is written, listed, run over a file, and its file is here when the command has ended", async () => {
    await using folder = await temporaryFolder();
    await using database = await openTestDatabase();
    const environment = {
      DATABASE_URL: database.url,
      SLUICE_DIR: join(folder.path, ".sluice"),
      SLUICE_PORT: "0",
    };
    const sluice = (...words: string[]): Promise<CliEnd> =>
      runCommand(words, { cwd: folder.path, environment });
    await writeFile(join(folder.path, "people.csv"), "id,name\n1, ada \n2,\n,\n3,grace\n");

    const none = await sluice("run");
    const written = await sluice("init", "process", "clean-names");
    const listed = await sluice("run");
    const unknown = await sluice("run", "clean-name", "people.csv");
    const run = await sluice("run", "clean-names", "people.csv", "--param", "upperCase=true");

    expect(none).toMatchObject({ code: 0, stdout: "" });
    expect(none.stderr).toContain("`sluice init process` writes one.");
    expect(written).toMatchObject({ code: 0, stdout: "✓ processes/clean-names.ts\n" });
    expect(listed.stdout).toBe("clean-names   Clean names\n");
    expect(unknown).toMatchObject({ code: 2 });
    expect(unknown.stderr).toContain(
      'There is no process "clean-name". Did you mean clean-names? There is clean-names.',
    );
    expect(run).toMatchObject({ code: 0 });
    expect(run.stderr).toContain("Started a service for this process");
    expect(run.stdout).toMatch(/^✓ Ran clean-names over 4 rows in [\d.]+ s, 25 bytes/);
    expect(run.stdout).toContain("4 read = 3 done + 1 rejected");
    expect(run.stdout).toContain('1 row was rejected:  1 "Every field is empty."');
    expect(await readFile(join(folder.path, "people-clean-names.csv"), "utf8")).toBe(
      "id,name\n1,ADA\n2,\n3,GRACE\n",
    );
  }, 120_000);

  test("a file that is there is not written over, and a wrong name or kind is refused", async () => {
    await using folder = await temporaryFolder();
    const environment = { SLUICE_DIR: join(folder.path, ".sluice") };
    const sluice = (...words: string[]): Promise<CliEnd> =>
      runCommand(words, { cwd: folder.path, environment });
    await mkdir(join(folder.path, "processes"));
    await writeFile(join(folder.path, "processes", "my-process.ts"), "mine");

    const ends = [
      await sluice("init", "process"),
      await sluice("init", "process", "My Process"),
      await sluice("init", "config"),
    ];

    expect(ends.map(({ code }) => code)).toEqual([2, 2, 2]);
    expect(await readFile(join(folder.path, "processes", "my-process.ts"), "utf8")).toBe("mine");
    expect(await readdir(join(folder.path, "processes"))).toEqual(["my-process.ts"]);
  });
});

describe("with a service", () => {
  let door: DoorScene;
  beforeAll(async () => {
    door = await DoorScene.open();
    await writeFile(door.scene.path("people.csv"), aFileOfPeople(25, ["ada", "nobody", "stay"]));
  });
  afterAll(() => door?.[Symbol.asyncDispose]());
  beforeEach(() => door.scene.pool.query("delete from note"));

  function sluice(...words: readonly string[]): Promise<CliEnd> {
    const environment = {
      SLUICE_URL: door.service.url,
      SLUICE_DIR: door.scene.path("client"),
    };
    return runCommand(words, { cwd: door.scene.path(), environment });
  }

  test("its processes are listed, with what is wrong with the others", async () => {
    const { code, stdout } = await sluice("run");

    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^notes {10}Writes a row for each record\.\nslow\nswap-columns {3}Writes the file again .*\n✗ broken\.ts line \d/,
    );
    expect(JSON.parse((await sluice("run", "--json")).stdout)).toMatchObject({
      items: [{ name: "notes" }, { name: "slow" }, { name: "swap-columns" }],
    });
  });

  test("a dry run tells what would be done, and leaves neither job nor file", async () => {
    const before = await door.client.listFiles();

    const dry = await sluice("run", "swap-columns", "people.csv", "--dry-run", "--json");

    expect(dry.code).toBe(0);
    expect(JSON.parse(dry.stdout)).toMatchObject({
      validateOnly: true,
      process: "swap-columns",
      outputColumns: ["name", "id"],
    });
    expect(dry.stderr).toContain("→ swap-columns   Swap the first two columns");
    expect(dry.stderr).toContain("writes people-swap-columns.csv: name · id");
    expect(await door.client.listFiles()).toEqual(before);
    expect((await door.client.listJobs({ kind: "process" })).items).toEqual([]);
  });

  test("the file goes where -o says, and to standard output alone with -", async () => {
    const named = await sluice("run", "swap-columns", "people.csv", "-o", "swapped.csv");
    const piped = await sluice("run", "swap-columns", "people.csv", "-o", "-");
    const again = await sluice("run", "swap-columns", "people.csv", "-o", "swapped.csv");

    expect(named.code).toBe(0);
    expect(await readFile(door.scene.path("swapped.csv"), "utf8")).toBe(piped.stdout);
    expect(piped.stdout).toMatch(/^name,id\nada,1\n/);
    expect(piped.stderr).toContain("✓ Ran swap-columns over 25 rows");
    expect(again.code).toBe(2);
    expect(again.stderr).toContain("Expected --yes to replace swapped.csv");
  });

  test("params are of the types that the process takes, and what it logged is shown", async () => {
    const words = ["run", "notes", "people.csv", "--param", "label=cli", "--param", "times=2"];
    const run = await sluice(...words, "--strict", "--json");
    const job = JSON.parse(run.stdout) as { id: string }; // what --json promises

    expect(run.code).toBe(3);
    expect(job).toMatchObject({
      kind: "process",
      state: "succeeded",
      params: { label: "cli", times: 2 },
      progress: { recordsRejected: 1 },
    });
    const log = await sluice("show", "last", "--log");
    expect(log.stdout.trimEnd().split("\n")).toHaveLength(3);
    expect(log.stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}noted {2}\{"records":10\}\n/);
    const shown = await sluice("show", job.id);
    expect(shown.stdout).toContain("process notes, 10 rows a batch, with undo");
    expect(shown.stdout).toContain('{"label":"cli","times":2}');
  });

  test("an undo after the end says what was undone, and a rerun takes other params", async () => {
    await sluice("run", "notes", "people.csv", "--param", "label=first");

    const undone = await sluice("undo", "last");
    const receipt = await sluice("show", "last", "--receipt");
    await door.scene.pool.query("delete from note");
    const rerun = await sluice("rerun", "last", "--param", "label=second", "--json");
    const refused = await sluice("rerun", "last", "--table", "other");

    expect(undone.stdout).toContain(
      "Undone. 23 rows undone. Of 1 row the process kept what was done.",
    );
    expect(receipt.stdout).toMatch(/ 1 row kept, the first is \d+: {2}it is asked to stay\n/);
    expect(JSON.parse(rerun.stdout)).toMatchObject({
      state: "succeeded",
      params: { label: "second" },
    });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("--table: ");
  }, 60_000);

  test.each([
    [["run", "nothing", "people.csv"], 2, 'There is no process "nothing".'],
    [["run", "broken", "people.csv"], 1, "broken.ts line"],
    [["run", "notes"], 2, "Expected a file: sluice run notes FILE."],
    [["run", "notes", "gone.csv"], 2, "There is no file gone.csv."],
    [["run", "notes", "people.csv", "-o", "x.csv"], 2, "makes no file"],
    [["run", "notes", "people.csv", "--param", "times=x"], 2, "Expected --param times to be"],
    [["run", "notes", "people.csv", "--param", "lable=x"], 2, "Did you mean label?"],
  ])("%j ends with %i", async (words, code, message) => {
    const end = await sluice(...words);

    expect(end.code).toBe(code);
    expect(end.stderr).toContain(message);
  });

  test("a job that is detached is paused by force, and stopped keeps what it did", async () => {
    const { stdout } = await sluice("run", "slow", "people.csv", "--detach");
    const id = stdout.trim();
    await door.waitForBatch(id, 11);

    const paused = await sluice("pause", id, "--force");
    const stopped = await sluice("stop", id);

    expect(paused.stdout).toContain("Paused people.csv → slow after 10 rows.");
    expect(stopped.stdout).toContain("Stopped after 10 rows. What was done for 10 rows is kept.");
  });
});
