/** What a job is at beyond its figures, as it is at the moment of the question. Nothing of it is kept. */

/** A lock that somebody else holds. */
export interface LockWait {
  /** Process id of the backend that holds it. */
  readonly pid: number;
  /** When the transaction that holds it began; null where the server does not say. */
  readonly since: Date | null;
  /** The beginning of its last statement, without values; null where the server does not say. */
  readonly query: string | null;
}

/** See the file. A field is null where it has no meaning. */
export interface JobActivity {
  /** Of a job that waits: how many that are at work or wait were there before it. */
  readonly jobsAhead: number | null;
  /** Of a job that waits again: when its worker was lost. */
  readonly workerLostAt: Date | null;
  /** What one of its runners waits for. */
  readonly lock: LockWait | null;
  /** While a job is undone: rows that were removed so far; of a process those that were reversed or kept. */
  readonly recordsUndone: number | null;
}

const MOST_CHARACTERS = 40;

/**
 * The beginning of a statement, on one line. It ends before the first value: what others write into their statements is
 * theirs.
 */
export function headOfStatement(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  const head = /^[^'$0-9]*/.exec(line)?.[0].trimEnd() ?? "";
  const cut = head.slice(0, MOST_CHARACTERS).trimEnd();
  return cut.length < line.length ? `${cut} …` : cut;
}
