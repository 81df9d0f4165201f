import type pg from "pg";
import { openRunnerClient } from "./connect.ts";

/** A second connection of a runner, for looks at what is asked while the first is busy. Opened when it is needed. */
export class WatcherConnection {
  readonly #url: string;
  #client: Promise<pg.Client> | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  /** The connection; another one after it was lost. */
  get(): Promise<pg.Client> {
    if (this.#client !== null) return this.#client;
    const opening = openRunnerClient(this.#url);
    this.#client = opening;
    const forget = (): void => {
      if (this.#client === opening) this.#client = null;
    };
    opening.then((client) => client.once("end", forget), forget);
    return opening;
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => null);
    await client?.end().catch(() => undefined);
  }
}
