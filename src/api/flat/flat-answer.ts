/** Bodies of the flat API: `Details`, and further keys after it. */
import { z } from "@hono/zod-openapi";
import type { SluiceError } from "../../core/errors.ts";
import type { JobService } from "../../core/job-service.ts";
import { JOB_STATE_NAMES } from "../../core/job-state.ts";
import { tableLabel, type Job } from "../../core/job.ts";
import { publicMessage } from "../problem-details.ts";
import { FLAT_TEXTS } from "./flat-texts.ts";

/** How many of the newest jobs are searched for the last one of the flat API. */
const LAST_JOB_SEARCH = 50;

const flatJobFields = {
  id: z.string(),
  state: z.enum(JOB_STATE_NAMES),
  table: z.string().optional().openapi({ description: "Of an import." }),
  process: z.string().optional().openapi({ description: "Name of the process, of one." }),
  result: z
    .string()
    .optional()
    .openapi({ description: "Path of the file that the process has made, where it has." }),
};

/** Every answer of the flat API. */
export const flatAnswerSchema = z
  .strictObject({
    Details: z.string(),
    ...z.object(flatJobFields).partial().shape,
    lastJob: z
      .strictObject({ ...flatJobFields, recordsRead: z.int(), recordsWritten: z.int() })
      .nullable()
      .optional()
      .openapi({ description: "The job before, when none is active; null when there was none." }),
    code: z.string().optional().openapi({ description: "Of the error, when there is one." }),
  })
  .openapi("FlatAnswer", {
    example: {
      Details:
        "An active process, currently running. Completed 0.46%, currently on row number 365.",
      id: "job_01m84qvwcgffer2s6r76fqcz25",
      state: "running",
      table: "public.people",
    },
  });
interface FlatJobFacts extends Pick<Job, "id" | "state"> {
  readonly table?: string;
  readonly process?: string;
  readonly result?: string;
}
export type FlatAnswer = z.infer<typeof flatAnswerSchema>;

/** An answer about the active job. */
export function aboutJob(details: string, job: Job): FlatAnswer {
  return { Details: details, ...factsOf(job) };
}

function factsOf(job: Job): FlatJobFacts {
  const { id, state } = job;
  if (job.kind === "import") return { id, state, table: tableLabel(job.target) };
  if (job.kind === "export") return { id, state };
  const result = job.result?.output == null ? {} : { result: `/v1/jobs/${id}/result` };
  return { id, state, process: job.plan.process, ...result };
}

/** The answer when no job is active, with the one before. */
export async function aboutNoJob(service: JobService): Promise<FlatAnswer> {
  const { items } = await service.listJobs({ limit: LAST_JOB_SEARCH });
  const last = items.find((job) => job.door === "flat");
  return {
    Details: FLAT_TEXTS.inactive,
    lastJob: last
      ? {
          ...factsOf(last),
          recordsRead: last.progress.read,
          recordsWritten: last.progress.written,
        }
      : null,
  };
}

/** An error that is not in the flat API's own table. */
export function aboutError(error: SluiceError): FlatAnswer {
  return { Details: publicMessage(error), code: error.code };
}
