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
  table: z.string(),
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
export type FlatAnswer = z.infer<typeof flatAnswerSchema>;

/** An answer about the active job. */
export function aboutJob(details: string, job: Job): FlatAnswer {
  return { Details: details, id: job.id, state: job.state, table: tableOf(job) };
}

/** Jobs of the flat API are imports. */
function tableOf(job: Job): string {
  return job.kind === "import" ? tableLabel(job.target) : job.name;
}

/** The answer when no job is active, with the one before. */
export async function aboutNoJob(service: JobService): Promise<FlatAnswer> {
  const { items } = await service.listJobs({ limit: LAST_JOB_SEARCH });
  const last = items.find((job) => job.door === "flat");
  return {
    Details: FLAT_TEXTS.inactive,
    lastJob: last
      ? {
          id: last.id,
          state: last.state,
          table: tableOf(last),
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
