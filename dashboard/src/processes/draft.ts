/** What a person has decided of a process so far, kept in the tab so that a reload loses nothing but secrets. */
import type { ProcessJob } from "../api/types.ts";
import { keep, recall } from "../storage.ts";
import { textsOf, type ParamField, type ParamTexts } from "./params.ts";

/** The decisions. Texts are as typed; empty: not said. */
export interface ProcessDraft {
  /** Id of the file; empty before there is one. */
  readonly file: string;
  readonly texts: ParamTexts;
  readonly pauseAfter: string;
  readonly maxRejected: string;
}

/** A draft in which nothing is said but the file, if that. */
export function newDraft(file: string | null): ProcessDraft {
  return { file: file ?? "", texts: {}, pauseAfter: "", maxRejected: "" };
}

/** The draft of a job that is run again. */
export function draftOfProcess(job: ProcessJob, fields: readonly ParamField[]): ProcessDraft {
  return {
    file: job.file,
    texts: textsOf(fields, job.params),
    pauseAfter: job.pauseAfter === null ? "" : String(job.pauseAfter),
    maxRejected: job.maxRejected === null ? "" : String(job.maxRejected),
  };
}

function nameOf(process: string, rerunOf: string | null): string {
  return `process.${process}.${rerunOf ?? "new"}`;
}

/** The draft that this tab keeps; null when it keeps none. */
export function recallProcess(process: string, rerunOf: string | null): ProcessDraft | null {
  const text = recall(nameOf(process, rerunOf), "session");
  if (text === null) return null;
  try {
    return { ...newDraft(null), ...(JSON.parse(text) as ProcessDraft) }; // written by keepProcess
  } catch {
    return null; // written by another version of the page
  }
}

/** Keeps a draft in this tab, without its secrets; null takes it away. */
export function keepProcess(
  process: string,
  rerunOf: string | null,
  draft: ProcessDraft | null,
  fields: readonly ParamField[],
): void {
  const secrets = new Set(fields.filter(({ kind }) => kind === "secret").map(({ name }) => name));
  const texts = Object.entries(draft?.texts ?? {}).filter(([name]) => !secrets.has(name));
  const kept = draft === null ? null : { ...draft, texts: Object.fromEntries(texts) };
  keep(nameOf(process, rerunOf), kept === null ? null : JSON.stringify(kept), "session");
}

/** The limits as a request takes them. */
export function limitsOf({ pauseAfter, maxRejected }: ProcessDraft): {
  readonly pauseAfter: number | null;
  readonly maxRejected: string | number | null;
} {
  const limit = maxRejected.trim();
  return {
    pauseAfter: /^\d+$/.test(pauseAfter.trim()) ? Number(pauseAfter) : null,
    maxRejected: limit === "" ? null : /^\d+$/.test(limit) ? Number(limit) : limit,
  };
}
