/**
 * Following one job until it ends or is left. Three things happen at any time and in any order: the service tells of a
 * change, a key or a signal arrives, a second passes. Each updates the one state below and redraws; actions that a key
 * asks for go to the service one after the other. What is shown is only what the service has told: a key changes
 * nothing on the screen but the prompt until the answer is there. The terminal is given back on every way out.
 */
import { isEnded } from "../core/job-state.ts";
import {
  SluiceApiError,
  type ActionBodies,
  type JobMessage,
  type JobView,
  type SluiceClient,
} from "../client/index.ts";
import { createFollowDisplay, type FollowDisplay } from "./follow-display.ts";
import { intentOf, type Intent, type Prompt } from "./follow-keys.ts";
import { isPausedAsAsked } from "./job-facts.ts";
import { fasterThan, slowerThan, speedText } from "./speed.ts";
import type { Input } from "./command.ts";
import { onInterrupt } from "./terminal/interrupt.ts";
import { readKeys, type Key, type KeyReader } from "./terminal/keys.ts";
import type { Output } from "./terminal/output.ts";
import { CAN_SUSPEND, suspendSelf } from "./terminal/suspend.ts";
import { printable } from "./terminal/text.ts";
import { messageOf } from "../core/message-of.ts";

const REDRAW_EVERY_MS = 1_000;
/** As long as an action is waited for at the most. */
const LEAVE_WITHIN_MS = 10_000;

/** What following needs. */
export interface FollowContext {
  readonly client: SluiceClient;
  readonly output: Output;
  readonly input: Input;
  /** Whether the service runs in this process and ends with it: leaving then pauses the job. */
  readonly isOwnService: boolean;
  /** Told each new view of the job, before it is drawn. */
  readonly onJob?: (job: JobView) => void;
  /** Shows nothing; `onJob` tells all. Default false. */
  readonly isSilent?: boolean;
  /** Leaves the job when it fires. */
  readonly until?: AbortSignal;
}

/** How the following ended: the job `ended`, or it was `left` paused or running. */
export interface FollowEnd {
  readonly kind: "ended" | "left";
  readonly job: JobView;
}

/**
 * Follows `job` until it ends, until a person leaves it, or, where no keys can be read, until it pauses as `pauseAfter`
 * asked. Errors: those of the client, except a connection that is lost for a time.
 */
export async function followJob(job: JobView, context: FollowContext): Promise<FollowEnd> {
  return new Follower(job, context).run();
}

class Follower {
  readonly #context: FollowContext;
  readonly #display: FollowDisplay;
  readonly #following = new AbortController();
  #job: JobView;
  #prompt: Prompt = { kind: "keys" };
  #retryMs: number | null = null;
  #trouble: string | null = null;
  #leaveLimit: NodeJS.Timeout | undefined;
  #isLeaving = false;
  #isSuspended = false;
  #keys: KeyReader | null = null;
  /** The actions that were asked for, one after the other. */
  #actions: Promise<void> = Promise.resolve();
  #end: FollowEnd | null = null;

  constructor(job: JobView, context: FollowContext) {
    this.#job = job;
    this.#context = context;
    this.#display = createFollowDisplay(context.output, context);
  }

  async run(): Promise<FollowEnd> {
    const removeSignals = onInterrupt(() => this.#leave());
    const timer = setInterval(() => this.#draw(), REDRAW_EVERY_MS);
    const { until } = this.#context;
    const onUntil = (): void => this.#finish("left");
    until?.addEventListener("abort", onUntil, { once: true });
    this.#startKeys();
    try {
      this.#take(this.#job);
      await this.#readMessages();
      // What our own service cannot do now must not hold us: it ends with us.
      if (!this.#isLeaving || !this.#context.isOwnService) await this.#actions;
      return this.#end ?? { kind: "left", job: this.#job };
    } finally {
      this.#following.abort();
      clearInterval(timer);
      clearTimeout(this.#leaveLimit);
      removeSignals();
      until?.removeEventListener("abort", onUntil);
      this.#keys?.stop();
      this.#display.clear();
    }
  }

  async #readMessages(): Promise<void> {
    const messages = this.#context.client.follow({
      job: this.#job.id,
      signal: this.#following.signal,
      onConnection: (connection) => {
        this.#retryMs = connection.isConnected ? null : connection.retryMs;
        this.#trouble = connection.isConnected ? null : troubleOf(connection.error);
        this.#draw();
      },
    });
    for await (const message of messages) this.#take(jobAfter(this.#job, message));
  }

  /** Takes a new view of the job and ends the following when that is due. */
  #take(job: JobView): void {
    this.#job = job;
    this.#context.onJob?.(job);
    if (isEnded(job.state)) return this.#finish("ended");
    const isLeft = this.#isLeaving || (isPausedAsAsked(job) && !this.#context.input.isInteractive);
    if (job.state === "paused" && isLeft) return this.#finish("left");
    this.#draw();
  }

  #finish(kind: FollowEnd["kind"]): void {
    this.#end ??= { kind, job: this.#job };
    this.#following.abort();
  }

  #draw(): void {
    if (this.#isSuspended || this.#end !== null) return;
    this.#display.show({
      job: this.#job,
      prompt: this.#context.input.isInteractive ? this.#prompt : null,
      retryMs: this.#retryMs,
      trouble: this.#trouble,
      now: Date.now(),
    });
  }

  #startKeys(): void {
    const { input } = this.#context;
    if (input.isInteractive) this.#keys = readKeys(input.stdin, (key) => this.#onKey(key));
  }

  #onKey(key: Key): void {
    const intent = intentOf(key, this.#job, this.#prompt);
    if (this.#prompt.kind !== "busy") this.#prompt = { kind: "keys" };
    this.#carryOut(intent);
    this.#draw();
  }

  #carryOut(intent: Intent): void {
    switch (intent) {
      case "pause":
      case "resume":
      case "stop":
        return this.#ask(intent);
      case "pause-now":
        return this.#ask("pause", { force: true });
      case "stop-keep":
        return this.#ask("stop", { rows: "keep" });
      case "ask-stop":
      case "help":
        this.#prompt = { kind: intent };
        return;
      case "leave":
        return this.#leave();
      case "suspend":
        return this.#suspend();
      case "faster":
        return this.#changeSpeed(fasterThan(this.#job));
      case "slower":
        return this.#changeSpeed(slowerThan(this.#job));
      case "keep":
      case "none":
        return;
    }
    return intent satisfies never;
  }

  /** Asks the service for an action, after those that were asked before. */
  #ask<Name extends keyof ActionBodies>(action: Name, body: ActionBodies[Name] = {}): void {
    this.#prompt = { kind: "busy", text: BUSY_TEXTS[action] };
    this.#send(async () => {
      const answer = await this.#context.client.act(this.#job.id, action, body);
      this.#prompt = { kind: "keys" };
      return answer.job;
    });
  }

  #changeSpeed(maxRecordsPerSecond: number | null): void {
    this.#prompt = { kind: "busy", text: "Changing the speed…" };
    this.#send(async () => {
      const job = await this.#context.client.changeJob(this.#job.id, { maxRecordsPerSecond });
      this.#prompt = { kind: "notice", text: `Now ${speedText(maxRecordsPerSecond)}. + - speed` };
      return job;
    });
  }

  /** Sends a request after those before it, and takes the job that it answers. */
  #send(request: () => Promise<JobView>): void {
    this.#enqueue(async () => {
      try {
        this.#take(await request());
      } catch (error) {
        if (this.#isLeaving && isOutOfOrder(error)) return this.#finish("left");
        const message = messageOf(error);
        this.#prompt = { kind: "notice", text: printable(message) };
        this.#isLeaving = false;
        this.#draw();
      }
    });
  }

  #enqueue(action: () => Promise<void>): void {
    const before = this.#actions;
    this.#actions = (async () => {
      await before;
      await action();
    })();
  }

  /**
   * Leaves a job of another service running; pauses one of our own first, which is given up after `LEAVE_WITHIN_MS` or
   * when the service cannot do it. A second time leaves at once.
   */
  #leave(): void {
    const isSecond = this.#isLeaving;
    this.#isLeaving = true;
    if (!this.#context.isOwnService || isSecond || this.#job.state === "paused")
      return this.#finish("left");
    this.#leaveLimit ??= setTimeout(() => this.#finish("left"), LEAVE_WITHIN_MS);
    if (this.#job.actions.includes("pause")) this.#ask("pause");
    else this.#prompt = { kind: "busy", text: "Leaving as soon as this step is done." };
    this.#draw();
  }

  /** Pauses the job, gives the shell back, and resumes both after `fg`. */
  #suspend(): void {
    if (!CAN_SUSPEND) {
      this.#prompt = { kind: "notice", text: "This platform cannot suspend. p pauses the job." };
      return;
    }
    const isPausing = this.#job.actions.includes("pause");
    if (isPausing) this.#ask("pause");
    this.#enqueue(async () => {
      this.#display.clear();
      this.#keys?.stop();
      this.#isSuspended = true;
      this.#context.output.note(
        `❚❚ ${this.#job.state === "paused" ? "Paused" : "Suspended"}. fg continues.`,
      );
      await suspendSelf();
      this.#isSuspended = false;
      this.#startKeys();
      if (isPausing) this.#ask("resume");
      this.#draw();
    });
  }
}

const BUSY_TEXTS: Readonly<Record<keyof ActionBodies, string>> = {
  pause: "Pausing…",
  resume: "Resuming…",
  stop: "Stopping…",
  undo: "Undoing…",
};

/** Whether the service, or what it needs, is not there, so that asking again does not help now. */
function isOutOfOrder(error: unknown): boolean {
  return error instanceof SluiceApiError && (error.status === 0 || error.status >= 500);
}

/** What a service that answers says is wrong with it. */
function troubleOf(error: unknown): string | null {
  return error instanceof SluiceApiError && error.status >= 500 ? printable(error.message) : null;
}

function jobAfter(job: JobView, message: JobMessage): JobView {
  switch (message.type) {
    case "job":
    case "job.updated":
      return message.job;
    case "job.progress":
      return {
        ...job,
        progress: message.progress.progress,
        checkpoint: message.progress.checkpoint,
      };
    case "timeline":
      return job;
  }
  return message satisfies never;
}
