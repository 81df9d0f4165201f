import { afterEach, expect, test } from "vitest";
import {
  ask,
  makeServerHome,
  postmasterPid,
  type ServerHome,
} from "../../test/support/server-home.ts";
import { until } from "../../test/support/until.ts";
import { startPrivateServer } from "./private-server.ts";
import { keepServer } from "./server-keeper.ts";

const QUICK = { watchMs: 5, firstWaitMs: 5, slowestMs: 20, steadyMs: 60_000 };

let place: ServerHome | null = null;
afterEach(() => expect(place?.remove() ?? [], "processes that the test left").toEqual([]));

test.each(["socket", "loopback"] as const)(
  "a killed server comes back at the same address (%s)",
  async (transport) => {
    place = makeServerHome();
    const server = await startPrivateServer({ dir: place.dir, transport });
    await ask(server.url, "create table kept as select 7 as seven");
    const lines: string[] = [];
    const keeper = keepServer(server, (line) => lines.push(line), QUICK);

    process.kill(postmasterPid(place.dir), "SIGKILL");
    await until("it runs again", () => lines.at(-1)?.includes("runs again") ?? false);

    expect(await ask(server.url, "select seven from kept")).toBe(7);
    expect(lines).toHaveLength(2);
    await keeper.stop();
    await server.stop();
  },
);

test("what keeps a server from starting is said once for each reason, and tried until it is over", async () => {
  const reasons = ["full", "full", "locked", "full"];
  let isAlive = false;
  const lines: string[] = [];
  const server = {
    isAlive: () => isAlive,
    revive: async () => {
      const reason = reasons.shift();
      if (reason !== undefined) throw new Error(`${reason}.`);
      isAlive = true;
    },
  };

  const keeper = keepServer(server, (line) => lines.push(line), QUICK);
  await until("it is over", () => isAlive && keeper.outage() === null);
  await keeper.stop();

  expect(lines.map((line) => /(full|locked|runs again)/.exec(line)?.[0])).toEqual([
    undefined,
    "full",
    "locked",
    "runs again",
  ]);
});
