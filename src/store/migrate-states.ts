/** The table of states and edges, from which the trigger of `sluice.job` decides, as the code has it. Edges only ever grow. */
import type pg from "pg";
import { JOB_EDGES, JOB_STATES } from "../core/job-state.ts";
import { quoteText } from "./sql.ts";

/** Writes what the database lacks of states, edges and their meanings. */
export function statesScript(): string {
  return `insert into sluice.job_state (name, meaning)
values
${valuesOf(statesOfCode())}
on conflict (name) do update set meaning = excluded.meaning where job_state.meaning <> excluded.meaning;

insert into sluice.job_edge (from_state, to_state, meaning)
values
${valuesOf(edgesOfCode())}
on conflict (from_state, to_state) do update set meaning = excluded.meaning where job_edge.meaning <> excluded.meaning;`;
}

/** Whether the database has every state and edge of the code, with its meaning. False while it has no such tables. */
export async function hasStates(client: pg.PoolClient): Promise<boolean> {
  const tables = await client.query<{ are_there: boolean }>(
    "select to_regclass('sluice.job_edge') is not null as are_there",
  );
  if (tables.rows[0]?.are_there !== true) return false;
  const states = await client.query<string[]>({
    text: "select name, meaning from sluice.job_state",
    rowMode: "array",
  });
  const edges = await client.query<string[]>({
    text: "select from_state, to_state, meaning from sluice.job_edge",
    rowMode: "array",
  });
  return holds(states.rows, statesOfCode()) && holds(edges.rows, edgesOfCode());
}

type Rows = readonly (readonly string[])[];

function statesOfCode(): Rows {
  return Object.entries(JOB_STATES);
}

function edgesOfCode(): Rows {
  return JOB_EDGES.flatMap(({ from, to, when }) => from.map((state) => [state, to, when]));
}

function holds(stored: Rows, wanted: Rows): boolean {
  const keys = new Set(stored.map((row) => JSON.stringify(row)));
  return wanted.every((row) => keys.has(JSON.stringify(row)));
}

function valuesOf(rows: Rows): string {
  return rows.map((row) => `  (${row.map(quoteText).join(", ")})`).join(",\n");
}
