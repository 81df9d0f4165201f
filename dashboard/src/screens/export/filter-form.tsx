/** Which rows and columns of the table. */
import type { Table } from "../../api/types.ts";
import { toggleColumn, type ExportDraft } from "../../exports/draft.ts";

interface FormProps {
  readonly draft: ExportDraft;
  readonly table: Table;
  readonly onChange: (draft: ExportDraft) => void;
}

/** The filter. */
export function FilterForm({ draft, table, onChange }: FormProps) {
  return (
    <>
      <h2>Rows and columns</h2>
      <RangeFields draft={draft} table={table} onChange={onChange} />
      <label class="field">
        Only rows for which (a condition in SQL)
        <input
          type="text"
          spellcheck={false}
          placeholder="all rows"
          value={draft.where}
          onInput={(event) => onChange({ ...draft, where: event.currentTarget.value })}
        />
      </label>
      <ColumnChoice draft={draft} table={table} onChange={onChange} />
      {table.key !== null && (
        <label class="check">
          <input
            type="checkbox"
            checked={draft.isSnapshot}
            onChange={(event) => onChange({ ...draft, isSnapshot: event.currentTarget.checked })}
          />
          All rows as they are at one moment (they are copied first)
        </label>
      )}
    </>
  );
}

function RangeFields({ draft, table, onChange }: FormProps) {
  const columns = table.columns.filter(
    ({ writtenAs }) => writtenAs === "time" || writtenAs === "number",
  );
  if (columns.length === 0) return null;
  const column = columns.find(({ name }) => name === draft.rangeColumn);
  const isCalendar =
    column !== undefined && isDay(column.sqlType) && [draft.from, draft.to].every(isDayOrNothing);
  const kind = isCalendar ? { type: "date" as const } : { type: "text" as const, size: 12 };
  return (
    <div class="row">
      <label class="label">
        Between two values of
        <select
          value={draft.rangeColumn}
          onChange={(event) =>
            onChange({ ...draft, rangeColumn: event.currentTarget.value, from: "", to: "" })
          }
        >
          <option value="">no column</option>
          {columns.map(({ name, sqlType }) => (
            <option key={name} value={name}>
              {name} ({sqlType})
            </option>
          ))}
        </select>
      </label>
      {column !== undefined && (
        <>
          <label class="label">
            from
            <input
              {...kind}
              value={draft.from}
              onInput={(event) => onChange({ ...draft, from: event.currentTarget.value })}
            />
          </label>
          <label class="label">
            to
            <input
              {...kind}
              value={draft.to}
              onInput={(event) => onChange({ ...draft, to: event.currentTarget.value })}
            />
          </label>
          <span class="muted small">
            The second is not included.
            {column.sqlType.startsWith("timestamp") &&
              ` Days begin at midnight${zoneOf(column.sqlType)}.`}
          </span>
        </>
      )}
    </div>
  );
}

/** Whether a calendar is of use. Hours can be said by a condition. */
function isDay(sqlType: string): boolean {
  return sqlType === "date" || sqlType.startsWith("timestamp");
}

/** A calendar would not show a time of the day, which an export before may have had. */
function isDayOrNothing(text: string): boolean {
  return text === "" || /^\d{4}-\d\d-\d\d$/.test(text);
}

function zoneOf(sqlType: string): string {
  return sqlType.includes("with time zone") ? " UTC" : "";
}

function ColumnChoice({ draft, table, onChange }: FormProps) {
  const chosen = draft.columns;
  const summary =
    chosen === null
      ? `All ${table.columns.length} columns`
      : `${chosen.length} of ${table.columns.length} columns`;
  return (
    <details>
      <summary>{summary}</summary>
      <fieldset class="checks">
        <legend class="vh">Columns of the file</legend>
        {table.columns.map(({ name, sqlType }) => (
          <label key={name} class="check">
            <input
              type="checkbox"
              checked={chosen === null || chosen.includes(name)}
              onChange={() => onChange(toggleColumn(draft, table, name))}
            />
            <span>
              {name} <span class="muted">{sqlType}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {chosen !== null && (
        <button type="button" onClick={() => onChange({ ...draft, columns: null })}>
          All columns
        </button>
      )}
      {chosen?.length === 0 && <p class="note bad">Choose at least one column.</p>}
    </details>
  );
}
