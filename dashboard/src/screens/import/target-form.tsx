import type { Draft } from "../../imports/draft.ts";
import { MOST_ROWS_PER_SECOND } from "../../jobs/speed.ts";
import type { ImportPlan } from "../../imports/use-import-plan.ts";

/** Where the rows go, and when the import stops by itself. */
export function TargetForm({
  draft,
  known,
  onChange,
}: {
  draft: Draft;
  known: ImportPlan;
  onChange: (draft: Draft) => void;
}) {
  return (
    <div class="stack">
      <div class="row">
        <label class="label">
          Rows go to
          <select
            value={draft.mode}
            onChange={(event) =>
              onChange({
                ...draft,
                mode: event.currentTarget.value === "append" ? "append" : "create",
              })
            }
          >
            <option value="create">a new table</option>
            <option value="append">a table that exists, after its rows</option>
          </select>
        </label>
        <label class="label">
          Table
          <input
            type="text"
            spellcheck={false}
            placeholder={known.table ?? "named after the file"}
            value={draft.table}
            onInput={(event) => onChange({ ...draft, table: event.currentTarget.value })}
          />
        </label>
      </div>
      <Limits draft={draft} onChange={onChange} />
      <Appearance draft={draft} onChange={onChange} />
    </div>
  );
}

/** When rows can be seen. A new table is there at the end or not at all. */
function Appearance({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  if (draft.mode === "create")
    return (
      <p class="muted small">
        Rows wait where nobody sees them and appear in the table all at once, at the end.
      </p>
    );
  return (
    <label class="label">
      Rows appear
      <select
        value={draft.delivery}
        onChange={(event) =>
          onChange({
            ...draft,
            delivery: event.currentTarget.value === "direct" ? "direct" : "staged",
          })
        }
      >
        <option value="staged">all at the end (staged)</option>
        <option value="direct">as they are saved (direct)</option>
      </select>
    </label>
  );
}

/** When the import ends or rests by itself. */
function Limits({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  return (
    <div class="row">
      <label class="label">
        Fail after more than
        <input
          type="text"
          size={7}
          placeholder="never"
          value={draft.maxRejected}
          onInput={(event) => onChange({ ...draft, maxRejected: event.currentTarget.value })}
        />
        rejected rows, or 5%
      </label>
      <label class="label">
        Pause after
        <input
          type="number"
          min={1}
          size={8}
          placeholder="never"
          value={draft.pauseAfter}
          onInput={(event) => onChange({ ...draft, pauseAfter: event.currentTarget.value })}
        />
        rows, to look at them
      </label>
      <label class="label">
        At most
        <input
          type="number"
          min={1}
          max={MOST_ROWS_PER_SECOND}
          size={8}
          placeholder="all"
          value={draft.speed}
          onInput={(event) => onChange({ ...draft, speed: event.currentTarget.value })}
        />
        rows a second
      </label>
    </div>
  );
}
