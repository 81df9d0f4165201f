/** Short names for the shapes of the API that the screens use. */
import type { components } from "./schema.ts";

type Schemas = components["schemas"];
/** What a rerun of an import is asked for. A key that is null is taken away. */
export type ImportCorrections = Omit<ImportDecisions, "key" | "sample" | "startPaused"> &
  Pick<Schemas["RerunRequest"], "key">;

/** A job of any kind, whole. */
export type Job = Schemas["Job"];
export type ImportJob = Extract<Job, { readonly kind: "import" }>;
export type ProcessJob = Extract<Job, { readonly kind: "process" }>;
export type ExportJob = Extract<Job, { readonly kind: "export" }>;
export type JobState = Job["state"];
/** What may be asked of a job now. */
export type Action = Job["actions"][number];
/** What a message about progress tells anew. */
export type ProgressMessage = Pick<Job, "id" | "progress" | "checkpoint">;
export type JobList = Schemas["JobList"];
export type StoredFile = Schemas["File"];
export type FileList = Schemas["FileList"];
export type TimelineEvent = Schemas["TimelineEvent"];
export type Timeline = Schemas["Timeline"];
export type Receipt = Schemas["Receipt"];
export type Inspection = Schemas["Inspection"];
export type InspectRequest = Schemas["InspectRequest"];
/** What may be changed of a job while it runs. */
export type ChangeJobRequest = Schemas["ChangeJobRequest"];
export type CreateJobRequest = Extract<Schemas["CreateJobRequest"], { readonly kind: "import" }>;
/** What is decided of an import beside its file: for a new job, or as the corrections of a rerun. */
export type ImportDecisions = Omit<CreateJobRequest, "kind" | "file" | "validateOnly">;
export type Plan = Schemas["Plan"];
/** What a job is at, at the moment of the question. */
export type Activity = Schemas["Activity"];
/** What undoing a job would come to. */
export type UndoPreview = Schemas["UndoPreview"];
export type WorkerLosses = Schemas["WorkerLosses"];
/** What is decided of an export. */
export type ExportRequest = Omit<
  Extract<Schemas["CreateJobRequest"], { readonly kind: "export" }>,
  "kind" | "validateOnly"
>;
export type ExportPlan = Schemas["ExportPlan"];
export type Process = Schemas["Process"];
export type ProcessList = Schemas["ProcessList"];
/** What is decided of a process beside its name. */
export type ProcessRequest = Omit<
  Extract<Schemas["CreateJobRequest"], { readonly kind: "process" }>,
  "kind" | "process" | "validateOnly"
>;
/** What is other in a process that is run again. */
export type ProcessCorrections = Pick<
  Schemas["RerunRequest"],
  "params" | "pauseAfter" | "maxRejected"
>;
export type LogLine = Schemas["LogLine"];
export type LogPage = Schemas["Log"];
export type TableList = Schemas["TableList"];
export type Table = Schemas["Table"];
export type Reading = NonNullable<CreateJobRequest["reading"]>;
export type Column = Plan["columns"][number];
export type Problem = Schemas["Problem"];
export type RejectedRecord = Schemas["RejectedRecord"];
export type CorrectionCounts = Schemas["CorrectionCounts"];
/** Rejected records, and what they are to hold. */
export type Corrections = Schemas["CorrectionsRequest"]["items"];
export type RecordInFile = Schemas["Record"];

/** A page of records of one outcome. */
export interface RecordPage<Item> {
  readonly header: readonly string[];
  readonly items: readonly Item[];
  readonly next: string | null;
}
