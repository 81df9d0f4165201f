/** From what a person types for JOB to a job: an id, a unique prefix of one, or `last`. */
import type { JobView, SluiceClient } from "../client/index.ts";
import { SluiceError } from "../core/errors.ts";
import { formatCount, shortId } from "./format.ts";

const ID_PATTERN = /^job_[0-9a-hjkmnp-tv-z]{26}$/;
const PREFIX_PATTERN = /^[0-9a-hjkmnp-tv-z]{1,26}$/;
const PAGE_SIZE = 200;

/**
 * Finds the job that `reference` names. `last` is the job that was created last. Errors: `not_found` when no job fits;
 * `usage` when several do, or when it cannot be an id.
 */
export async function findJob(client: SluiceClient, reference: string): Promise<JobView> {
  const text = reference.toLowerCase();
  if (text === "last") return lastJob(client);
  if (ID_PATTERN.test(text)) return client.getJob(text);
  const suffix = text.replace(/^job_/, "");
  if (!PREFIX_PATTERN.test(suffix))
    throw new SluiceError(
      "usage",
      `Expected JOB to be an id such as job_01m84qvwcgff, a prefix of one, or last, got ` +
        `${JSON.stringify(reference)}. \`sluice jobs\` lists the jobs.`,
    );
  return jobByPrefix(client, `job_${suffix}`);
}

async function lastJob(client: SluiceClient): Promise<JobView> {
  const [job] = (await client.listJobs({ limit: 1 })).items;
  if (job !== undefined) return job;
  throw new SluiceError("not_found", "There are no jobs yet. `sluice import FILE` makes one.");
}

async function jobByPrefix(client: SluiceClient, prefix: string): Promise<JobView> {
  const found: JobView[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page = await client.listJobs({ limit: PAGE_SIZE, ...(cursor === "" ? {} : { cursor }) });
    found.push(...page.items.filter((job) => job.id.startsWith(prefix)));
    cursor = page.next;
  }
  const [job, other] = found;
  if (job === undefined)
    throw new SluiceError(
      "not_found",
      `No job begins with ${prefix}. \`sluice jobs\` lists the jobs.`,
    );
  if (other === undefined) return job;
  const ids = found.map((candidate) => candidate.id);
  const names = ids.slice(0, 5).map((id) => shortId(id, ids));
  throw new SluiceError(
    "usage",
    `${formatCount(found.length)} jobs begin with ${prefix}: ${names.join(", ")}` +
      `${found.length > 5 ? ", …" : ""}. Type more of the id.`,
  );
}
