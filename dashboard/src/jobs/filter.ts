/** The filter of the list, in the syntax that a person types: `state:running kind:import people`. */
import type { JobQuery } from "../api/calls.ts";
import type { Job } from "../api/types.ts";

const NAMED = /^(state|kind|parent):(.+)$/;

/** What the filter asks the service for. Words without a name are looked for in the names of jobs. */
export function queryOf(filter: string): JobQuery {
  const words: string[] = [];
  const named: Record<string, string> = {};
  for (const word of filter.split(/\s+/)) {
    const [, name, value] = NAMED.exec(word) ?? [];
    if (name !== undefined && value !== undefined) named[name] = value;
    else if (word !== "") words.push(word);
  }
  return { ...named, ...(words.length === 0 ? {} : { q: words.join(" ") }) };
}

/** Whether a job is one that the filter asks for, as far as it can be told here. */
export function matchesFilter(job: Job, filter: string): boolean {
  const { state, kind, parent, q } = queryOf(filter);
  return (
    (state === undefined || state.split(",").includes(job.state)) &&
    (kind === undefined || kind === job.kind) &&
    (parent === undefined || parent === job.parent) &&
    (q === undefined || job.name.toLowerCase().includes(q.toLowerCase()))
  );
}
