/** User code for tests of processes, and a scene with the table that it writes to. */
import type { TestProcess } from "./fake-host.ts";
import { ProcessScene } from "./process-scene.ts";
import { until } from "./until.ts";

/** Writes each record to a table, in which a batch that was run twice or lost would be seen. */
export const toTable: TestProcess = {
  run: async (batch, { query }) => {
    for (const { values } of batch.records)
      await query("insert into team (id, name) values ($1, $2)", values);
  },
  undo: async (batch, { query }) => {
    const ids = batch.records.map(({ values }) => values[0]);
    await query("delete from team where id = any ($1)", [ids]);
  },
};

/** A batch that stays in user code until it is let go, or aborted. */
export class Gate {
  #open: () => void = () => undefined;
  readonly #opened: Promise<void>;

  constructor() {
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }

  async wait(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) =>
      signal.addEventListener("abort", () => resolve()),
    );
    await Promise.race([this.#opened, aborted]);
  }
}

/** `toTable` that stays in the batch which begins with a record. */
export function holding(gate: Gate, first: number): TestProcess {
  return {
    ...toTable,
    run: async (batch, context) => {
      await toTable.run(batch, context);
      if (batch.records[0]?.record === first) await gate.wait(context.signal);
    },
  };
}

/** Opens a scene with the table `team`. */
export async function openTeamScene(
  process: TestProcess,
  settings?: Parameters<typeof ProcessScene.open>[1],
): Promise<ProcessScene> {
  const scene = await ProcessScene.open(process, settings);
  await scene.pool.query("create table team (id integer primary key, name text)");
  return scene;
}

/** The ids of the rows that user code has left. */
export async function teamsOf(scene: ProcessScene): Promise<readonly number[]> {
  const { rows } = await scene.pool.query<{ id: number }>("select id from team order by id");
  return rows.map(({ id }) => id);
}

/** The numbers from 1 on. */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

/** What user code was called for from a call on, without the id of the job. */
export function calledIn(scene: ProcessScene, from = 0): readonly string[] {
  return scene.calls.slice(from).map(({ what, key }) => `${what} ${key.split(":")[1] ?? ""}`);
}

/** Waits until no runner works on a batch of a job. */
export function waitUntilLetGo(scene: ProcessScene, jobId: string): Promise<boolean> {
  return until("the runner has let go", async () =>
    (await scene.batches(jobId)).every((batch) => !batch.includes("in hand")),
  );
}
