/**
 * What a service and the operating system process of user code say to each other, over the channel that Node keeps between
 * a process and its child. The child loads one file, and then does one thing at a time.
 */
import type {
  HostAnswer,
  HostBatch,
  HostLogLine,
  StatementAnswer,
} from "../../core/process-ports.ts";
import type { StandardIssue } from "../../library/standard-schema.ts";
import type { DatabaseRefusal } from "./database-facts.ts";
import type { BatchWork } from "./user-code.ts";

/** What a process says of itself. */
export interface ProcessFacts {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  /** JSON Schema of its params; null when it takes none, or when the schema cannot tell. */
  readonly params: Readonly<Record<string, unknown>> | null;
  readonly batchSize: number;
  readonly retries: number;
  readonly isolate: boolean;
  readonly timeoutSeconds: number;
  readonly hasUndo: boolean;
  readonly hasOutput: boolean;
  /** Paths of the file and of what it imports, packages not counted. */
  readonly files: readonly string[];
}

/** From the service to the child. */
export type ToChild =
  /** Answered by `loaded` or `broken`. */
  | { readonly kind: "load"; readonly path: string; readonly folder: string }
  /** Answered by `prepared`, `params_refused` or `broken`. */
  | {
      readonly kind: "prepare";
      readonly params: Readonly<Record<string, unknown>>;
      readonly fields: readonly string[];
    }
  /** Answered by `answer`. */
  | { readonly kind: "work"; readonly what: BatchWork; readonly batch: HostBatch }
  | { readonly kind: "abort" }
  | ({ readonly kind: "rows"; readonly query: number } & StatementAnswer)
  | { readonly kind: "refused"; readonly query: number; readonly refusal: DatabaseRefusal };

/** From the child to the service. */
export type FromChild =
  | { readonly kind: "loaded"; readonly facts: ProcessFacts }
  | { readonly kind: "broken"; readonly message: string; readonly line: number | null }
  | { readonly kind: "prepared"; readonly outputColumns: readonly string[] | null }
  | { readonly kind: "params_refused"; readonly issues: readonly StandardIssue[] }
  | {
      readonly kind: "query";
      readonly query: number;
      readonly text: string;
      readonly values: readonly unknown[];
    }
  | { readonly kind: "log"; readonly line: HostLogLine }
  | { readonly kind: "answer"; readonly answer: HostAnswer & { readonly kind: "done" | "threw" } }
  /** User code failed where nobody waits for it; the child ends. */
  | { readonly kind: "fault"; readonly message: string };

/** Descriptor of the pipe on which the child's watchdog waits for the end of the service, and says why it ended the child. */
export const WATCHDOG_PIPE = 4;
