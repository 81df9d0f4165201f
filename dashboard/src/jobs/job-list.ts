/** The jobs of the list: pages of ids, and jobs that came since and wait until a person wants to see them. */
import { signal } from "@preact/signals";
import { listJobs } from "../api/calls.ts";
import { toApiError, type ApiError } from "../api/request.ts";
import type { Job } from "../api/types.ts";
import { matchesFilter, queryOf } from "./filter.ts";
import { onArrival, takeJob } from "./store.ts";

/** What the list shows. */
export interface JobListState {
  /** Null before the first answer. */
  readonly ids: readonly string[] | null;
  /** For the next page; null on the last. */
  readonly next: string | null;
  readonly error: ApiError | null;
  /** How many jobs came since. */
  readonly newCount: number;
}

const EMPTY: JobListState = { ids: null, next: null, error: null, newCount: 0 };

/** The list as it is. */
export const jobList = signal<JobListState>(EMPTY);

let shownFilter: string | null = null;
let asked = 0;

/** Asks for the first page of a filter. While it is the same filter, what is shown stays until the answer comes. */
export async function loadJobs(filter: string): Promise<void> {
  if (filter !== shownFilter) jobList.value = EMPTY;
  shownFilter = filter;
  asked += 1;
  const round = asked;
  try {
    const { items, next } = await listJobs(queryOf(filter));
    if (round !== asked) return;
    jobList.value = { ids: items.map(remember), next, error: null, newCount: 0 };
  } catch (thrown) {
    if (round === asked) jobList.value = { ...jobList.value, error: toApiError(thrown) };
  }
}

/** Asks for the next page. */
export async function loadMoreJobs(): Promise<void> {
  const { ids, next } = jobList.value;
  if (ids === null || next === null) return;
  const round = asked;
  try {
    const page = await listJobs({ ...queryOf(shownFilter ?? ""), cursor: next });
    if (round !== asked) return;
    const more = page.items.map(remember).filter((id) => !ids.includes(id));
    jobList.value = { ...jobList.value, ids: [...ids, ...more], next: page.next, error: null };
  } catch (thrown) {
    jobList.value = { ...jobList.value, error: toApiError(thrown) };
  }
}

/** Watches for jobs that come while the list is shown: they do not move its rows. Returns what ends it. */
export function watchArrivals(): () => void {
  return onArrival((job) => {
    const { id } = job;
    const { ids, newCount } = jobList.value;
    if (ids === null || ids.includes(id) || !matchesFilter(job, shownFilter ?? "")) return;
    // Ids sort by their time: an older job, resumed by somebody, is no new one.
    if (ids[0] !== undefined && id < ids[0]) return;
    if (ids.length === 0) void loadJobs(shownFilter ?? "");
    else jobList.value = { ...jobList.value, newCount: newCount + 1 };
  });
}

function remember(job: Job): string {
  takeJob(job);
  return job.id;
}
