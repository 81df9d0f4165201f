/** The question before rows are taken out of a table: they are counted there, and many want its name typed. */
import { useState } from "preact/hooks";
import { previewUndo } from "../api/calls.ts";
import type { ImportJob, UndoPreview } from "../api/types.ts";
import { formatCount, formatCounted } from "../format.ts";
import { Question } from "../ui/dialog.tsx";
import { useAnswer } from "../ui/use-answer.ts";
import { ask } from "./actions.ts";

/** More rows than this are not undone by one click. */
const TYPED_FROM = 100_000;

/** Asks whether an import that has rows in its table is to be undone. */
export function UndoQuestion({ job, onClose }: { job: ImportJob; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const { value, error } = useAnswer((signal) => previewUndo(job.id, signal), [job.id]);
  const isMany = value !== null && value.rowsRemoved > TYPED_FROM;
  return (
    <Question
      title="Undo this import?"
      keep="Leave it"
      act="Undo"
      isOff={value === null || error !== null || (isMany && typed.trim() !== job.table)}
      onClose={onClose}
      onAct={() => void ask("undo", job)}
    >
      <p>{error?.message ?? (value === null ? "Counting the rows…" : wouldDo(job, value))}</p>
      {isMany && (
        <label>
          Type {job.table} to undo{" "}
          <input value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
      )}
    </Question>
  );
}

function wouldDo({ table }: ImportJob, preview: UndoPreview): string {
  const { rowsRemoved, rowsRestored, rowsLeft, isEstimate, dropsTable } = preview;
  const rows = formatCounted(rowsRemoved, "row");
  if (dropsTable) return `Drops ${table} with its ${rows}: nothing else is in it.`;
  const left =
    rowsLeft === 0 ? "" : ` Leaves ${formatCounted(rowsLeft, "row")} that others changed since.`;
  const restores = rowsRestored > 0 ? ` and restores ${formatCount(rowsRestored)}` : "";
  return `Removes ${isEstimate ? "up to " : ""}${rows} from ${table}${restores}.${left}`;
}
