/** Sample jobs: what a service keeps of them, and how a person sees that a killed worker cost nothing. */
/** A worker that was lost in the middle of a sample job. */
export interface WorkerLoss {
  /** When its end was seen. */
  readonly lostAt: Date;
  /** Process id of the worker. */
  readonly pid: number;
  /** When a runner had a part of the job again; null until then. */
  readonly takenOverAt: Date | null;
}

/**
 * The rows of a job against its ledger, counted in one snapshot. Each row carries the transaction that wrote it and each
 * chunk of the ledger its own, so that one row too few in one chunk is not made up for by one too many in another.
 */
export interface RowCount {
  /** Where the rows are: `staging` until they are published. */
  readonly where: "staging" | "target";
  /** What the parts have counted. */
  readonly recordsWritten: number;
  readonly rowsStored: number;
  /** Rows of chunks that are not there, and records that the parts have counted and no chunk has. */
  readonly rowsLost: number;
  /** Rows beyond those of their chunk, rows of no chunk, and records that chunks have and the parts have not. */
  readonly rowsWrittenTwice: number;
  /** Whether the chunks of each part cover its bytes up to the checkpoint, without gap or overlap. */
  readonly isLedgerWhole: boolean;
}

/** The rows of sample jobs, for the service that keeps them. */
export interface SampleStore {
  /** Ids of the sample jobs that are not over and that `keeper` keeps. */
  listKept(keeper: string): Promise<readonly string[]>;
  /** Whether a runner has a part of the job. */
  isInHand(jobId: string): Promise<boolean>;
  /** Writes to the job's history that its worker has ended; nothing when the job is over. */
  noteLoss(jobId: string, pid: number): Promise<void>;
  /** Leaves the job to everybody: its worker cannot be started. */
  giveUp(jobId: string): Promise<void>;
  /** In order. */
  listLosses(jobId: string): Promise<readonly WorkerLoss[]>;
  /** Null where the job has no rows: it was stopped or undone, or its table is gone. */
  countRows(jobId: string): Promise<RowCount | null>;
}

/** The worker of one sample job, a process of its own. */
export interface SampleWorker {
  readonly pid: number;
  /** Whether it has come to work. */
  hasStarted(): boolean;
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<void>;
  /** SIGKILL. */
  kill(): void;
  /** Lets the chunk in hand finish and ends the process; kills it where that takes long. */
  stop(): Promise<void>;
}
