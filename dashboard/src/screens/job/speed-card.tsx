/** How fast a job may go, while it can still run. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Activity, Job } from "../../api/types.ts";
import { clock } from "../../clock.ts";
import { formatCount } from "../../format.ts";
import { sampleCount } from "../../jobs/rate-samples.ts";
import {
  askedLimits,
  gentleLimit,
  hasSpeed,
  limitOf,
  MOST_ROWS_PER_SECOND,
  setSpeed,
  slowLine,
  speedRefusals,
} from "../../jobs/speed.ts";
import { ErrorNote } from "../../ui/notes.tsx";

type Choice = "full" | "gentle" | "custom";

/** Full, gentle or a number of rows a second. It holds from the next chunk on. */
export function SpeedCard({ job, activity }: { job: Job; activity: Activity | null }) {
  void sampleCount.value; // the samples are no signals
  if (!hasSpeed(job)) return null;
  const isAsked = askedLimits.value.has(job.id);
  const refusal = speedRefusals.value.get(job.id);
  const slow = slowLine(job, activity, clock.value);
  return (
    <section class="card" aria-label="Speed" aria-busy={isAsked}>
      <div class="row">
        <SpeedChoices job={job} />
        {isAsked && <span class="muted">Changing…</span>}
      </div>
      {slow !== null && !isAsked && <p class="muted">{slow}</p>}
      {refusal !== undefined && <ErrorNote error={refusal} />}
    </section>
  );
}

/** What is chosen is what was asked for last; what holds is said beside it. */
function SpeedChoices({ job }: { job: Job }) {
  const [gentle, setGentle] = useState<number | null>(null);
  const [isTyping, setIsTyping] = useState(false);
  const asked = askedLimits.value.get(job.id);
  const limit = asked === undefined ? job.maxRecordsPerSecond : asked;
  const choice: Choice = isTyping ? "custom" : choiceOf(limit, gentle);
  const offered = choice === "gentle" ? gentle : gentleLimit(job);
  const set = (next: number | null): void => {
    setIsTyping(false);
    void setSpeed(job, next);
  };
  return (
    <>
      <fieldset class="row">
        <legend class="vh">Speed</legend>
        <strong aria-hidden="true">Speed</strong>
        <Radio name="full" choice={choice} onChoose={() => set(null)}>
          Full
        </Radio>
        <Radio
          name="gentle"
          choice={choice}
          isDisabled={offered === null}
          onChoose={() => {
            setGentle(offered);
            set(offered);
          }}
        >
          Gentle
          <span class="muted small">
            {offered === null ? "25% of the rate so far" : `${formatCount(offered)} rows/s`}
          </span>
        </Radio>
        <Radio name="custom" choice={choice} onChoose={() => setIsTyping(true)}>
          Custom
        </Radio>
      </fieldset>
      {choice === "custom" && <CustomLimit limit={limit} onSet={set} />}
    </>
  );
}

function choiceOf(limit: number | null, gentle: number | null): Choice {
  if (limit === null) return "full";
  return limit === gentle ? "gentle" : "custom";
}

function Radio({
  name,
  choice,
  isDisabled = false,
  onChoose,
  children,
}: {
  name: Choice;
  choice: Choice;
  isDisabled?: boolean;
  onChoose: () => void;
  children: ComponentChildren;
}) {
  return (
    <label>
      <input
        type="radio"
        name="speed"
        checked={choice === name}
        disabled={isDisabled}
        onChange={onChoose}
      />
      {children}
    </label>
  );
}

function CustomLimit({ limit, onSet }: { limit: number | null; onSet: (limit: number) => void }) {
  const [text, setText] = useState(limit === null ? "" : String(limit));
  const typed = limitOf(text);
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed !== null) onSet(typed);
      }}
    >
      <label class="label">
        <span class="vh">At most</span>
        <input
          type="number"
          min={1}
          max={MOST_ROWS_PER_SECOND}
          size={8}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        rows/s
      </label>
      <button type="submit" disabled={typed === null || typed === limit}>
        Set
      </button>
    </form>
  );
}
