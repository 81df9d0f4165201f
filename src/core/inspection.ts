/** What looking at a file says, before anything is done with it. */
import type { Failure } from "./errors.ts";
import type { ImportPlan } from "./import-plan.ts";
import type { StoredFile } from "./job.ts";
import type { ReadingNotes } from "./reading-notes.ts";
import type { Rejection, RejectionCode } from "./rejection.ts";

/** Of how many records an inspection keeps what is wrong with them. */
export const MAX_PROBLEMS = 20;

/** What reading the records of a file would give, as far as they were read. */
export interface FileSurvey extends ReadingNotes {
  /** Bytes of the source up to which was read, and whether that is its end. */
  readonly bytesRead: number;
  readonly isWhole: boolean;
  readonly recordsRead: number;
  /** Records that would be rejected, and why, by code. */
  readonly recordsRejected: number;
  readonly rejectedByCode: Readonly<Partial<Record<RejectionCode, number>>>;
  /** And by the column at fault, by its name in the table; records that are wrong as a whole are under none. */
  readonly rejectedByColumn: Readonly<Record<string, number>>;
  /** The first of them, at most `MAX_PROBLEMS`. */
  readonly problems: readonly Rejection[];
  /** What would end the job at this point of the file; null when nothing does. */
  readonly failure: Failure | null;
}

/** What decided how the text is read. */
export interface ReadingEvidence {
  readonly encoding: string;
  readonly delimiter: string;
}

/** How a file is inspected. */
export interface InspectOptions {
  /** Whether a large file is read to its end too. Otherwise its first 16 MiB are. */
  readonly readsAll: boolean;
  /** Whether the database has something of the target's name. Default: not. */
  readonly targetExists?: boolean;
  /** Aborted when nobody wants to know any more: the reading ends soon, with its reason. */
  readonly signal?: AbortSignal;
}

/** What inspecting a file says. */
export interface Inspection {
  readonly file: StoredFile;
  /** Whether something of the target's name is in the database already. */
  readonly targetExists: boolean;
  readonly plan: ImportPlan;
  readonly evidence: ReadingEvidence;
  readonly survey: FileSurvey;
  /** Up to 20 records without the header, as they are in the file; values of more than 1000 characters are cut. */
  readonly sample: readonly (readonly string[])[];
}
