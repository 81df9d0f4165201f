/**
 * The supervisor of a worker: fills free lanes with parts, keeps their leases, and puts right what was left undone.
 *
 * It is driven by three loops that each expose one step. `tick` takes messages, and looks for parts without one, and
 * gives them to free lanes. `beat` pings lanes, renews the leases of those that answered, and terminates those that
 * are silent. `sweep` carries out requests whose process died, and rescues jobs whose runner is gone. All three may
 * run on any number of machines at once: every decision is made by a row in the database.
 */
import type { EngineSettings } from "../core/engine-settings.ts";
import { SluiceError } from "../core/errors.ts";
import type { LineLog } from "../core/line-log.ts";
import type { DispatchMessage, Dispatcher } from "../core/ports.ts";
import type { ControlStore } from "../core/control-ports.ts";
import type { EpochOfJob, SupervisorStore } from "../core/runner-ports.ts";
import type { Control } from "./control.ts";
import { Lane, type LaneEnd, type StartThread } from "./lane.ts";
import { startLoop, type Loop } from "./loop.ts";
import type { PartOutcome } from "./run-part.ts";
import type { TroubleLog } from "./trouble-log.ts";
import { repair } from "./repair.ts";
import { messageOf } from "../core/message-of.ts";

/** What a supervisor works with. */
export interface SupervisorOptions {
  /** The same after every start of the same worker: tells it which runners were its own. */
  readonly worker: string;
  readonly lanes: number;
  /** The one job that it works for, as its kept worker; null: any that no other worker is kept for. */
  readonly only?: string | null;
  /** Jobs at once, over all workers of the database. */
  readonly concurrency: number;
  readonly settings: EngineSettings;
  readonly store: SupervisorStore;
  readonly controlStore: ControlStore;
  readonly control: Control;
  readonly dispatcher: Dispatcher;
  readonly startThread: StartThread;
  readonly log: LineLog;
  readonly troubles: TroubleLog;
  readonly hitHeartbeat: () => Promise<void>;
  /** Told when what a lane did may have changed the state of its job, and what follows is carried out. */
  readonly onConcluded: () => void;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #lanes: Lane[] = [];
  /** Lanes with a part in hand: from its claim until its outcome is carried out. */
  readonly #busy = new Set<Lane>();
  readonly #only: string | null;
  readonly #running = new Set<Promise<void>>();
  #loops: readonly Loop[] = [];
  #heartbeat: Loop | null = null;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isStopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#only = options.only ?? null;
  }

  /**
   * Rescues what an earlier run of this worker left, at once: it holds the worker's claim, so those runners are dead.
   * Then opens the lanes and starts the loops.
   */
  async start(): Promise<void> {
    const { worker, lanes, store, settings, log, troubles } = this.#options;
    for (const lost of await store.removeRunners({ worker })) {
      log(
        `job ${lost.jobId}: its runner was lost with the last run of this worker; it goes on at its checkpoint`,
      );
      // Without its runner it is found as any part that waits: what keeps one job back keeps no service from starting.
      await this.#options.control
        .rescue(lost, true)
        .catch((error: unknown) => log(`job ${lost.jobId}: ${messageOf(error)}`));
    }
    for (let number = 1; number <= lanes; number += 1)
      this.#lanes.push(this.#newLane(number, await store.insertRunner(worker, number)));
    this.#heartbeat = startLoop("heartbeat", settings.heartbeatMs, () => this.beat(), troubles);
    this.#loops = [
      startLoop("dispatch", settings.pollMs, () => this.tick(), troubles),
      this.#heartbeat,
      // Who works for one job leaves the others, and their repair, to the services.
      ...(this.#only === null
        ? [startLoop("sweep", settings.sweepMs, () => this.sweep(), troubles)]
        : []),
    ];
  }

  /** Lets the supervisor look for work now. */
  nudge(): void {
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    this.#loops[0]?.wake();
  }

  /** One step of dispatch: gives waiting parts to free lanes. */
  async tick(): Promise<void> {
    const { dispatcher, store, concurrency, settings } = this.#options;
    const free = this.#freeLanes();
    if (this.#isStopping || free.length === 0) return;
    // Messages are of all jobs: who takes one for another job keeps it from those that wait for it.
    const messages = this.#only === null ? await dispatcher.take(free.length) : [];
    for (const message of messages) await this.#offer(message);
    await dispatcher.done(messages);
    const isDue = this.#only !== null || performance.now() - this.#lookedAt >= settings.sweepMs;
    const stillFree = this.#freeLanes();
    if (stillFree.length === 0 || !isDue) return;
    this.#lookedAt = performance.now();
    // Lanes are claimed for here alone, so what a free one holds is a claim or a return whose answer was lost.
    await store.releaseIdle(stillFree.map((lane) => lane.runnerId));
    for (const message of await store.findWaitingParts(stillFree.length, concurrency))
      await this.#offer(message);
  }

  /** One step of the lease: renews it for lanes that answered lately, ends those that hang, replaces dead ones. */
  async beat(): Promise<void> {
    const { settings, store, log, hitHeartbeat } = this.#options;
    await hitHeartbeat();
    const now = performance.now();
    for (const lane of this.#lanes) {
      const silentMs = now - lane.answeredAt;
      if (lane.working !== null && silentMs > settings.hangMs) {
        log(
          `lane ${lane.number} did not answer for ${Math.round(silentMs / 1000)} s and is terminated; its chunk rolls back`,
        );
        await lane.terminate();
      } else lane.ping();
    }
    const alive = this.#lanes.filter(
      (lane) => lane.isAlive && now - lane.answeredAt < 3 * settings.heartbeatMs,
    );
    await store.heartbeat(alive.map((lane) => lane.runnerId));
    for (const lane of this.#lanes.filter(({ isAlive }) => !isAlive)) await this.#replaceLane(lane);
  }

  /**
   * One step of repair: jobs whose runner is gone, requests that nobody carries out. What cannot be done for one job,
   * because somebody holds a lock on it, does not keep it from being done for the others.
   */
  async sweep(): Promise<void> {
    await repair(this.#options);
  }

  /**
   * Gives every part back after the chunk in hand and ends the lanes, whatever the database does: what it cannot be told
   * now is put right by the next start. May be called twice.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const loop of this.#loops) await loop.stop();
    for (const lane of this.#lanes) lane.drain();
    await this.#drained();
    const lanes = this.#lanes.splice(0);
    for (const lane of lanes) await lane.terminate();
    try {
      for (const lane of lanes)
        for (const work of await this.#options.store.removeRunners({ runner: lane.runnerId }))
          await this.#options.control.rescue(work, false);
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      this.#options.log("The database was not told of the stop; the next start puts that right.");
    }
  }

  async #drained(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.settings.drainMs);
    });
    await Promise.race([Promise.allSettled(this.#running), limit]);
    clearTimeout(timer);
  }

  #freeLanes(): Lane[] {
    return this.#lanes.filter((lane) => lane.isAlive && !this.#busy.has(lane));
  }

  #newLane(number: number, runnerId: string): Lane {
    return new Lane(number, runnerId, this.#options.startThread, (found) => this.#announce(found));
  }

  /** Tells other workers of parts that a search has found. Their rows are committed: a lost message costs time. */
  #announce(found: readonly DispatchMessage[]): void {
    const sending = this.#options.dispatcher
      .dispatch(found)
      .catch((error: unknown) => this.#tell("dispatch", error))
      .finally(() => {
        this.#running.delete(sending);
        this.nudge();
      });
    this.#running.add(sending);
  }

  /** Puts a new thread in the place of a dead one. What fails on the way is tried again at the next heartbeat. */
  async #replaceLane(dead: Lane): Promise<void> {
    const { worker, store, control } = this.#options;
    const lost = await store.removeRunners({ runner: dead.runnerId });
    const runnerId = await store.insertRunner(worker, dead.number);
    this.#lanes[this.#lanes.indexOf(dead)] = this.#newLane(dead.number, runnerId);
    for (const work of lost) await control.rescue(work, true);
  }

  async #offer(message: DispatchMessage): Promise<void> {
    const lane = this.#freeLanes()[0];
    if (lane === undefined) return;
    const { store, concurrency } = this.#options;
    if ((await store.claim(lane.runnerId, message, concurrency)) !== "claimed") return;
    this.#busy.add(lane);
    const run = this.#run(lane, message)
      .catch((error: unknown) => this.#tell(`job ${message.jobId}`, error))
      .finally(() => {
        this.#running.delete(run);
        this.#busy.delete(lane);
        this.nudge();
      });
    this.#running.add(run);
  }

  async #run(lane: Lane, message: DispatchMessage): Promise<void> {
    const outcome = await lane.run(message);
    try {
      await this.#conclude(lane, message, outcome);
    } finally {
      if (outcome.kind !== "done" || outcome.published) this.#options.onConcluded();
    }
  }

  async #conclude(
    lane: Lane,
    message: DispatchMessage,
    outcome: PartOutcome | LaneEnd,
  ): Promise<void> {
    const { store, control, log } = this.#options;
    const { jobId } = message;
    switch (outcome.kind) {
      case "done":
      case "left":
      case "drained":
        await store.release(lane.runnerId, message);
        if (outcome.kind === "done" && outcome.published) return undefined;
        // At a stop another part is not taken, also where this one came to its end.
        if (this.#isStopping) await control.requeueIdle(jobId);
        return control.letGo(jobId);
      case "waiting":
        return store.release(lane.runnerId, message);
      // The claim goes last: what cannot be said now is found again by whoever takes the part next.
      case "pause_after":
        await control.pauseAfter(jobId);
        await store.release(lane.runnerId, message);
        return control.letGo(jobId);
      case "failed":
        this.#tellFailure(jobId, outcome);
        await control.fail(jobId, message.epoch, outcome.failure);
        return store.release(lane.runnerId, message);
      case "lost":
        log(`job ${jobId}: the connection was lost; its part ${message.partNo} is given back`);
        return this.#rescueWhenPossible(message);
      case "died":
        if (this.#isStopping) return undefined;
        log(`job ${jobId}: its runner died: ${outcome.cause}`, "error");
        return this.#heartbeat?.wake();
      default:
        return outcome satisfies never;
    }
  }

  /** One line; the trace only for a defect, or for who debugs. */
  #tellFailure(jobId: string, { failure, cause }: PartOutcome & { kind: "failed" }): void {
    const { log } = this.#options;
    if (failure.code === "internal") return log(`job ${jobId} failed: internal: ${cause}`, "error");
    log(`job ${jobId} failed: ${failure.code}: ${failure.message}`);
    log(`job ${jobId} failed at: ${cause}`, "debug");
  }

  /** That the database is away is said once, by the loops. */
  #tell(what: string, error: unknown): void {
    this.#options.log(`${what}: ${messageOf(error)}`, isDatabaseAway(error) ? "debug" : "warn");
  }

  /** The database may be away for long: tries until it answers, so that the part is not left to the lease. */
  async #rescueWhenPossible(work: EpochOfJob): Promise<void> {
    const { control, settings } = this.#options;
    for (
      let waitMs = 100;
      !this.#isStopping;
      waitMs = Math.min(waitMs * 2, 4 * settings.heartbeatMs)
    ) {
      try {
        return await control.rescue(work, false);
      } catch {
        // Still away. The claim is in the database and its lease runs out by itself at worst.
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }
}

function isDatabaseAway(error: unknown): boolean {
  return error instanceof SluiceError && error.code === "database_unavailable";
}
