/** What the process of a job has logged, as lines. */
import type { LogLineView, SluiceClient } from "../client/index.ts";
import { printable } from "./terminal/text.ts";

const PAGE_SIZE = 200;

/** Every line that is kept, in order. */
export async function allLogLines(
  client: SluiceClient,
  jobId: string,
): Promise<readonly LogLineView[]> {
  const items: LogLineView[] = [];
  let cursor: string | null = "0";
  while (cursor !== null) {
    const page = await client.listLog(jobId, { limit: PAGE_SIZE, cursor });
    items.push(...page.items);
    cursor = page.next;
  }
  return items;
}

/** `2026-11-23 17:39:49  Teams made  {"teams":200}`; the time is UTC. */
export function logText({ at, message, fields }: LogLineView): string {
  const time = at.replace("T", " ").replace(/\.\d+Z$/, "");
  const rest = fields === null ? "" : `  ${printable(JSON.stringify(fields))}`;
  return `${time}  ${printable(message)}${rest}`;
}
