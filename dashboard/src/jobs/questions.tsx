/** What is asked before an action that cannot be taken back, with counts that go on while the question is open. */
import { useState } from "preact/hooks";
import type { ImportJob, Job, ProcessJob } from "../api/types.ts";
import { formatCounted } from "../format.ts";
import { Question } from "../ui/dialog.tsx";
import { ask, askAll, question, type Rows } from "./actions.ts";
import { destinationOf, shortNameOf } from "./figures.ts";
import { isInTable } from "./kind-words.ts";
import { findJob } from "./store.ts";
import { UndoQuestion } from "./undo-question.tsx";

function close(): void {
  question.value = null;
}

/** The question before an action, where one is open. */
export function OpenQuestion() {
  if (question.value === null) return null;
  const { action, ids } = question.value;
  // The jobs go on meanwhile, and so do the counts.
  const jobs = ids.map((id) => findJob(id)?.value).filter((job) => job !== undefined);
  const job = jobs[0];
  if (job === undefined) return null;
  if (jobs.length > 1)
    return (
      <Question
        title={`Stop ${formatCounted(jobs.length, "job")}?`}
        keep="Keep running"
        act="Stop and undo"
        onClose={close}
        onAct={() => void askAll("stop", jobs)}
      >
        <p>
          What they have written is undone. Tables are as they were before, files of exports are
          deleted, and what a process without undo has done is kept.
        </p>
      </Question>
    );
  if (action === "undo" && job.kind === "import" && isInTable(job))
    return <UndoQuestion key={job.id} job={job} onClose={close} />;
  return <OneQuestion key={job.id} action={action} job={job} onClose={close} />;
}

interface OneProps {
  readonly action: "stop" | "undo";
  readonly job: Job;
  readonly onClose: () => void;
}

function OneQuestion({ action, job, onClose }: OneProps) {
  const [rows, setRows] = useState<Rows>("undo");
  const isStop = action === "stop";
  const hasChoice = isStop && (job.kind === "process" ? job.hasUndo : canKeep(job));
  const isOnlyKept = isStop && job.kind === "process" && !job.hasUndo;
  return (
    <Question
      title={`${isStop ? "Stop" : "Undo"} ${job.kind === "process" ? job.process : `this ${job.kind}`}?`}
      keep={!isStop ? "Leave it" : job.state === "paused" ? "Keep it paused" : "Keep running"}
      act={
        !isStop ? "Undo" : rows === "keep" || isOnlyKept ? "Stop and keep rows" : "Stop and undo"
      }
      onClose={onClose}
      onAct={() => void ask(action, job, hasChoice ? { rows } : {})}
    >
      <WhatHappens job={job} isChosen={hasChoice} />
      {hasChoice && <p>What should happen to them?</p>}
      {hasChoice && <RowsChoice job={job} rows={rows} onChoose={setRows} />}
      {!isStop && !isStaged(job) && <p>{undoOf(job)}</p>}
    </Question>
  );
}

/** How much there is, and what becomes of it. */
function WhatHappens({ job, isChosen }: { job: Job; isChosen: boolean }) {
  switch (job.kind) {
    case "import":
      return job.delivery === "direct" ? (
        <VisibleRows job={job} />
      ) : (
        <StagedRows job={job} isChosen={isChosen} />
      );
    case "export":
      return <UnfinishedFile job={job} />;
    case "process":
      return <DoneRows job={job} />;
    default:
      return job satisfies never;
  }
}

/** Whether a stop can keep the rows of an import that are there, or publish those that are ready. */
function canKeep(job: Job): boolean {
  return (
    job.kind === "import" &&
    !job.isDryRun &&
    (job.delivery === "direct" ||
      (job.upload === null && job.progress.recordsWritten > 0 && job.mode !== "replace"))
  );
}

function isStaged(job: Job): boolean {
  return job.kind === "import" && job.delivery === "staged";
}

/** What undoing means, with how much it is. */
function undoOf(job: Job): string {
  if (job.kind === "import" && job.delivery === "staged")
    return job.mode === "create" ? `${job.table} is not made.` : `${job.table} stays as it was.`;
  if (job.kind !== "process")
    return `Deletes the ${formatCounted(job.progress.recordsWritten, "row")} again, but none that somebody has changed since.`;
  const batches = Math.ceil(job.progress.recordsRead / job.batchSize);
  return `Runs the process's own undo for ${formatCounted(batches, "batch", "batches")}, the newest first.`;
}

interface ChoiceProps {
  readonly job: Job;
  readonly rows: Rows;
  readonly onChoose: (rows: Rows) => void;
}

function RowsChoice({ job, rows, onChoose }: ChoiceProps) {
  const isProcess = job.kind === "process";
  return (
    <fieldset>
      <legend class="vh">What happens to rows that are written already</legend>
      <label>
        <input
          type="radio"
          name="rows"
          checked={rows === "undo"}
          onChange={() => onChoose("undo")}
        />
        <span>
          <strong>{isStaged(job) ? "Undo: discard them." : "Undo them."}</strong> {undoOf(job)}
        </span>
      </label>
      <label>
        <input
          type="radio"
          name="rows"
          checked={rows === "keep"}
          onChange={() => onChoose("keep")}
        />
        <span>
          <strong>Keep them.</strong>{" "}
          {isProcess
            ? "The rest of the file is left alone. You can undo them later."
            : `${isStaged(job) ? `Publishes them to ${destinationOf(job)} now. ` : ""}The rest of the file is not imported.`}
        </span>
      </label>
    </fieldset>
  );
}

function areWritten(job: Job): string {
  const { recordsWritten } = job.progress;
  return `${formatCounted(recordsWritten, "row")} of ${shortNameOf(job)} ${recordsWritten === 1 ? "is" : "are"}`;
}

/** What is in the table already of a job that writes directly. */
function VisibleRows({ job }: { job: ImportJob }) {
  return (
    <p>
      {areWritten(job)} already in <code>{job.table}</code>.
    </p>
  );
}

/** What happens to the rows of a job that wait in staging. */
function StagedRows({ job, isChosen }: { job: ImportJob; isChosen: boolean }) {
  return (
    <>
      <p>
        {areWritten(job)} ready. Nothing is visible in <code>{job.table}</code> yet.
      </p>
      {!isChosen && (
        <p>
          <strong>Undo: discard them.</strong> {undoOf(job)}
        </p>
      )}
    </>
  );
}

/** How much a process has done. */
function DoneRows({ job }: { job: ProcessJob }) {
  return (
    <>
      <p>{areWritten(job)} done.</p>
      {!job.hasUndo && (
        <p>
          <strong>This process has no undo.</strong> What it has done is kept, and the rest of the
          file is left alone.
        </p>
      )}
      {job.fileName !== null && <p>{job.fileName} is not made.</p>}
    </>
  );
}

/** What happens to the file of an export. */
function UnfinishedFile({ job }: { job: Job }) {
  return (
    <>
      <p>{areWritten(job)} in the file so far.</p>
      <p>
        <strong>Undo: delete the file.</strong> The table stays as it is. A file that is not whole
        is never kept.
      </p>
    </>
  );
}
