/** The public names of the client. */
export { SluiceClient } from "./sluice-client.ts";
export type {
  ActionAnswer,
  ActionBodies,
  ClientOptions,
  JobQuery,
  PageQuery,
  RecordStreamOptions,
} from "./client-options.ts";
export { SluiceApiError } from "./api-error.ts";
export type { ApiErrorFacts, FieldProblem } from "./api-error.ts";
export type { FollowOptions, JobMessage } from "./job-events.ts";
export type { UploadOptions, UploadSource } from "./upload.ts";
export type { ActivityView } from "../api/schemas/activity.ts";
export type { FileList, FileView } from "../api/schemas/file.ts";
export type {
  ProgressMessage,
  Receipt,
  Timeline,
  TimelineEventView,
} from "../api/schemas/history.ts";
export type {
  RecordList,
  RecordView,
  RejectedRecordList,
  RejectedRecordView,
} from "../api/schemas/record.ts";
export type { CreateExportBody, ExportPlanView } from "../api/schemas/export.ts";
export type { WorkerLossesView } from "../api/schemas/sample.ts";
export type { TableList, TableView } from "../api/schemas/table.ts";

export type { CreateImportBody, PlanView } from "../api/schemas/import-request.ts";
export type {
  CreateProcessBody,
  LogLineView,
  LogPage,
  ProcessList,
  ProcessPlanView,
  ProcessView,
} from "../api/schemas/process.ts";
export type {
  CorrectionCountsView,
  CorrectionsBody,
  RetryBody,
} from "../api/schemas/correction.ts";
export type {
  CreateWebhookBody,
  DeliveryList,
  DeliveryView,
  NewWebhookView,
  WebhookList,
  WebhookView,
} from "../api/schemas/webhook.ts";
export type { CreateTokenBody, NewTokenView, TokenList, TokenView } from "../api/schemas/token.ts";
export type { RerunBody } from "../api/schemas/rerun.ts";
export type { InspectBody, InspectionView } from "../api/schemas/inspection.ts";
export type { ChangeJobBody, JobList } from "../api/schemas/job-request.ts";
export type {
  ExportJobView,
  ImportJobView,
  JobView,
  ProcessJobView,
  ProgressView,
} from "../api/schemas/job.ts";
export type {
  PauseBody,
  ResumeBody,
  StopBody,
  UndoBody,
  UndoPreviewView,
} from "../api/schemas/action.ts";
