/** Messages of the dispatcher that get lost, doubled, late, out of order or forged: jobs end right without them. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";
import type { ServiceProcess } from "../support/service.ts";

const flights = flightsFile(2);
let scene: FaultScene;
let service: ServiceProcess;

beforeEach(async () => {
  scene = await FaultScene.open();
  service = await scene.start();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

/** What happens to each message on its way into the queue: bodies of a trigger. */
const FAULTS = {
  lost: "return null;",
  late: "new.start_after := now() + interval '3 s'; return new;",
  "out of order": "new.priority := (random() * 1000)::int; return new;",
  doubled: `if new.singleton_key is not null then
      insert into sluice_dispatch.job (name, data, policy) values (new.name, new.data, null), (new.name, new.data, null);
    end if;
    return new;`,
  "followed by one of an older epoch, of a newer one and of no job": `if new.singleton_key is not null then
      insert into sluice_dispatch.job (name, data, policy)
        select new.name, new.data || x, null from unnest(array['{"epoch": 0}', '{"epoch": 99}', '{"partNo": 99}',
          '{"jobId": "job_00000000000000000000000000"}']::jsonb[]) x;
    end if;
    return new;`,
};

test.each(Object.entries(FAULTS))(
  "a job whose messages are %s ends with every record once",
  async (_, body) => {
    await scene.pool.query(
      `create function break_dispatch() returns trigger language plpgsql as $$ begin ${body} end $$;
       create trigger break_dispatch before insert on sluice_dispatch.job
         for each row execute function break_dispatch()`,
    );
    const job = await startImport(service.client, flights.bytes, { table: "flights" });

    await scene.waitForShare(job.id, 0.3);
    await service.client.act(job.id, "pause");
    await service.client.act(job.id, "resume");

    await scene.expectImported(job.id, "flights", flights.sums);
  },
);

test("a job whose messages are deleted again and again ends with every record once", async () => {
  const job = await startImport(service.client, flights.bytes, { table: "flights" });

  for (const share of [0, 0.2, 0.4, 0.6, 0.8]) {
    await scene.waitForShare(job.id, share);
    await scene.pool.query("delete from sluice_dispatch.job");
  }

  await scene.expectImported(job.id, "flights", flights.sums);
  expect((await scene.stored(job.id)).epoch).toBe(1);
});
