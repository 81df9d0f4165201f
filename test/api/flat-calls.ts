/** Calls of the flat API, with a CSV whose progress is known to the byte. */
import type { ApiFixture } from "./api-fixture.ts";

/** 1,000 lines of 16 bytes, the header among them: 365 records are 36.60% of the bytes. */
export const FLAT_CSV = "idnumbr,fullnam\n" + "1234567,abcdefg\n".repeat(999);

/** An answer of the flat API. */
export interface FlatCallAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Calls the flat API of a fixture. */
export class FlatCalls {
  readonly #api: ApiFixture;
  #tableNo = 0;

  constructor(api: ApiFixture) {
    this.#api = api;
  }

  /** The table of the newest form. */
  get table(): string {
    return `public.flat_${this.#tableNo}`;
  }

  /** A form with the CSV under `key` and a table of its own. */
  form(key = "file", extra: Readonly<Record<string, string>> = {}): FormData {
    const data = new FormData();
    data.set(key, new Blob([FLAT_CSV], { type: "text/csv" }), "people.csv");
    const fields = { table: `flat_${++this.#tableNo}`, ...extra };
    for (const [name, value] of Object.entries(fields)) data.set(name, value);
    return data;
  }

  async ask(method: "GET" | "POST", path: string): Promise<FlatCallAnswer> {
    const { status, body } = await this.#api.call(path, { method });
    return { status, body };
  }

  async send(form?: FormData | string): Promise<FlatCallAnswer> {
    const init = form === undefined ? { method: "POST" } : { method: "POST", body: form };
    const { status, body } = await this.#api.call("/create", init);
    return { status, body };
  }

  /** Starts a process and commits `records` records of it. Returns the job's id. */
  async start(records: number): Promise<string> {
    const { status, body } = await this.send(this.form());
    if (status !== 201) throw new Error(`expected a process, got ${JSON.stringify(body)}`);
    const id = String(body["id"]);
    if (records > 0) await this.#api.runner.commit(id, records);
    return id;
  }
}
