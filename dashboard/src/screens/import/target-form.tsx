import { changeTarget, isWay, nextName, waysOf, type Draft } from "../../imports/draft.ts";
import type { ImportPlan } from "../../imports/use-import-plan.ts";
import { MOST_ROWS_PER_SECOND } from "../../jobs/speed.ts";
import { formatCount } from "../../format.ts";
import { useTables } from "../../tables.ts";

interface FormProps {
  readonly draft: Draft;
  readonly known: ImportPlan;
  readonly onChange: (draft: Draft) => void;
}

/** Whether rows are to go into a new table whose name is taken. What was said of another request does not count. */
export function isTaken(
  draft: Pick<Draft, "mode">,
  { inspection, isAsking }: Pick<ImportPlan, "inspection" | "isAsking">,
): boolean {
  return !isAsking && draft.mode === "create" && inspection?.tableExists === true;
}

/** Where the rows go, and when they can be seen. */
export function TargetForm({ draft, known, onChange }: FormProps) {
  const table = known.inspection?.table ?? "";
  const append = (name: string): void => onChange(changeTarget(draft, "append", name));
  return (
    <div class="stack">
      <div class="row">
        <label class="label">
          Rows go to
          <select
            value={draft.mode === "create" ? "create" : "append"}
            onChange={(event) =>
              event.currentTarget.value === "create"
                ? onChange(changeTarget(draft, "create", ""))
                : append(isTaken(draft, known) ? table : "")
            }
          >
            <option value="create">a new table</option>
            <option value="append">a table that exists</option>
          </select>
        </label>
        <label class="label">
          Table
          {draft.mode === "create" ? (
            <input
              type="text"
              spellcheck={false}
              placeholder={table}
              value={draft.table}
              onInput={(event) => onChange({ ...draft, table: event.currentTarget.value })}
            />
          ) : (
            <TableChoice table={draft.table} onChange={append} />
          )}
        </label>
        <Existing draft={draft} known={known} onChange={onChange} />
        <Appearance draft={draft} onChange={onChange} />
      </div>
      {isTaken(draft, known) && (
        <div class="note bad" role="alert">
          <strong>{table} exists already.</strong>
          <div class="row">
            <button type="button" onClick={() => append(table)}>
              Add the rows to it
            </button>
            <button type="button" onClick={() => onChange({ ...draft, table: nextName(table) })}>
              Make {nextName(table)}
            </button>
          </div>
        </div>
      )}
    </div>
  );
}

/** What becomes of rows that the table has already. */
function Existing({ draft, known: { target, mapping }, onChange }: FormProps) {
  if (draft.mode === "create" || target === null) return null;
  const ways = waysOf(target, mapping);
  const { table, rows, columns } = target;
  return (
    <>
      <label class="label">
        When a row already exists
        <select
          value={ways.findIndex(([, way]) => isWay(draft, way))}
          onChange={(event) => {
            const [, way] = ways[Number(event.currentTarget.value)] ?? [];
            onChange({ ...draft, key: [], ...way });
          }}
        >
          {ways.map(([words], place) => (
            <option key={words} value={place}>
              {words}
            </option>
          ))}
        </select>
      </label>
      {draft.mode === "replace" && (
        <span class="bad">
          All rows of {table} go{rows === null ? "" : `, about ${formatCount(rows)}`}.
        </span>
      )}
      {ways.length < 4 && (
        <span class="muted small">
          To update rows, make a unique index:{" "}
          <code>
            create unique index on {table} ({columns[0]?.name});
          </code>
        </span>
      )}
    </>
  );
}

function TableChoice({ table, onChange }: { table: string; onChange: (table: string) => void }) {
  const { value } = useTables();
  const names = (value ?? []).flatMap((each) => (/view/.test(each.kind) ? [] : [each.table]));
  return (
    <select value={table} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">choose a table</option>
      {table !== "" && !names.includes(table) && <option value={table}>{table}</option>}
      {names.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** When rows can be seen. A new table is there at the end or not at all. */
function Appearance({ draft, onChange }: Omit<FormProps, "known">) {
  if (draft.mode !== "append" || draft.onConflict !== "reject")
    return <span class="muted small">All rows appear at once, at the end.</span>;
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

/** When the import ends or rests by itself, and its speed. */
export function Limits({ draft, onChange }: Omit<FormProps, "known">) {
  return (
    <div class="row limits">
      <label class="label">
        Pause after
        <input
          type="number"
          min={1}
          placeholder="never"
          value={draft.pauseAfter}
          onInput={(event) => onChange({ ...draft, pauseAfter: event.currentTarget.value })}
        />
        rows to look
      </label>
      <label class="label">
        Fail after more than
        <input
          type="text"
          placeholder="never"
          value={draft.maxRejected}
          onInput={(event) => onChange({ ...draft, maxRejected: event.currentTarget.value })}
        />
        rejected rows, or 5%
      </label>
      <label class="label">
        At most
        <input
          type="number"
          min={1}
          max={MOST_ROWS_PER_SECOND}
          placeholder="all"
          value={draft.speed}
          onInput={(event) => onChange({ ...draft, speed: event.currentTarget.value })}
        />
        rows a second
      </label>
    </div>
  );
}
