import type { ComponentChildren } from "preact";
import type { Job } from "../api/types.ts";
import { wordsOf, type Tone } from "../jobs/state-words.ts";

/** A word on a tone. */
export function Pill({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`pill ${tone}`}>{children}</span>;
}

/** The state of a job: icon, word and tone. */
export function StatePill({ job }: { job: Job }) {
  const { icon, word, tone } = wordsOf(job);
  return (
    <Pill tone={tone}>
      <span aria-hidden="true">{icon}</span> {word}
    </Pill>
  );
}
