/** Secrets among the params of a process: told to its code alone. */
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../support/cli.ts";
import { aFileOfPeople, DoorScene } from "../support/door-scene.ts";

const TOKEN = "canary-1f4e";
const PIN = "canary-77ab";
const PASSWORD = "canary-c0de";
const ANY = /canary-/;
const PARAMS = {
  label: "first",
  apiToken: TOKEN,
  service: { url: `https://ann:${PASSWORD}@teams.example.com`, pin: PIN },
};
const SHOWN = {
  label: "first",
  apiToken: "…",
  service: { url: "https://ann:…@teams.example.com", pin: "…" },
};

/** Writes its params where the test can read them. */
const LOGIN = `
import { defineProcess } from "sluice";
import { z } from "zod";

export default defineProcess({
  name: "login",
  params: z.object({
    label: z.string(),
    apiToken: z.string(),
    service: z.object({ url: z.string(), pin: z.string().meta({ writeOnly: true }) }),
  }),
  async run(batch, ctx) {
    const { label, apiToken, service } = ctx.params;
    await ctx.tx.query("insert into note (id, label) values ($1, $2) on conflict do nothing", [label, [apiToken, service.pin, service.url].join(" ")]);
  },
});
`;

let door: DoorScene;

beforeAll(async () => {
  door = await DoorScene.open();
  await writeFile(door.scene.path("processes", "login.ts"), LOGIN);
});
afterAll(() => door?.[Symbol.asyncDispose]());

async function noteOf(label: string): Promise<string | undefined> {
  const { rows } = await door.scene.pool.query<{ label: string }>(
    "select label from note where id = $1",
    [label],
  );
  return rows[0]?.label;
}

test("are not shown by any door, and are used by its code and by a rerun", async () => {
  const { id } = await door.start("login", aFileOfPeople(3), { params: PARAMS });
  await door.waitForEnd(id);

  const answers = await Promise.all(
    ["", "/receipt", "/timeline", "/log"].map((path) => door.ask(`/v1/jobs/${id}${path}`)),
  );
  const list = await door.ask("/v1/jobs");
  const shown = await runCommand(["show", id], {
    cwd: door.scene.path(),
    environment: { SLUICE_URL: door.service.url },
  });

  expect(answers[0]?.body).toMatchObject({ state: "succeeded", params: SHOWN });
  expect(JSON.stringify([...answers, list])).not.toMatch(ANY);
  expect(shown.stdout).toContain('"apiToken":"…"');
  expect(shown.stdout).not.toMatch(ANY);
  expect(door.service.log()).not.toMatch(ANY);
  expect(await noteOf("first")).toBe(`${TOKEN} ${PIN} ${PARAMS.service.url}`);

  const same = await door.client.rerunJob(id, { name: "again" });
  await door.waitForEnd(same.id);
  const changed = await door.client.rerunJob(id, { params: { ...SHOWN, label: "second" } });

  expect(await door.waitForEnd(changed.id)).toMatchObject({
    state: "succeeded",
    params: { ...SHOWN, label: "second" },
  });
  expect(await noteOf("second")).toBe(await noteOf("first"));
});

test("are refused when they are what only stands for a secret", async () => {
  const file = await door.client.uploadFile("people.csv", Buffer.from(aFileOfPeople(1)));

  const answer = await door.post("/v1/jobs", {
    kind: "process",
    process: "login",
    file: file.id,
    params: SHOWN,
  });

  expect(answer).toMatchObject({
    status: 422,
    body: {
      code: "invalid_request",
      errors: [
        { pointer: "/params/apiToken" },
        { pointer: "/params/service/url" },
        { pointer: "/params/service/pin" },
      ],
    },
  });
});
