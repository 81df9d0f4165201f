import { formatBytes, formatCounted } from "../../format.ts";
import type { TableList } from "../../api/types.ts";
import { changeTable, type ExportDraft } from "../../exports/draft.ts";
import type { KnownExport } from "../../exports/use-export-plan.ts";
import { useTables } from "../../tables.ts";
import { ErrorNote } from "../../ui/notes.tsx";

interface FormProps {
  readonly draft: ExportDraft;
  readonly known: KnownExport;
  readonly onChange: (draft: ExportDraft) => void;
}

const SOURCES = [
  ["table", "A table or view"],
  ["sql", "The rows of a query"],
] as const;

/** Where the rows come from. */
export function SourceForm({ draft, known, onChange }: FormProps) {
  return (
    <>
      <fieldset class="row">
        <legend class="vh">What is exported</legend>
        {SOURCES.map(([source, text]) => (
          <label key={source} class="check">
            <input
              type="radio"
              name="source"
              checked={draft.source === source}
              onChange={() => onChange({ ...draft, source })}
            />
            {text}
          </label>
        ))}
      </fieldset>
      {draft.source === "table" ? (
        <TableChoice draft={draft} known={known} onChange={onChange} />
      ) : (
        <label class="field">
          SQL, one statement that only reads
          <textarea
            rows={5}
            spellcheck={false}
            placeholder="select origin, count(*) from flights group by 1"
            value={draft.sql}
            onInput={(event) => onChange({ ...draft, sql: event.currentTarget.value })}
          />
        </label>
      )}
    </>
  );
}

function TableChoice({ draft, known, onChange }: FormProps) {
  const tables = useTables();
  const items = tables.value ?? [];
  const isListed = items.some(({ table }) => table === draft.table);
  if (tables.error !== null) return <ErrorNote error={tables.error} />;
  if (tables.value?.length === 0 && draft.table === "")
    return (
      <p class="muted">
        There is no table yet. <a href="/import">Import a file</a> first.
      </p>
    );
  return (
    <div class="row">
      <label class="label">
        Table
        <select
          value={draft.table}
          onChange={(event) => onChange(changeTable(draft, event.currentTarget.value))}
        >
          {draft.table === "" && <option value="">choose…</option>}
          {draft.table !== "" && !isListed && <option value={draft.table}>{draft.table}</option>}
          {items.map((item) => (
            <option key={item.table} value={item.table}>
              {optionText(item)}
            </option>
          ))}
        </select>
      </label>
      {known.table !== null && (
        <span class="muted">
          {[
            ...(known.table.kind === "table" ? [] : [known.table.kind]),
            ...(known.table.rows === null
              ? []
              : [`about ${formatCounted(known.table.rows, "row")}`]),
            formatCounted(known.table.columns.length, "column"),
            ...(known.table.bytes === 0
              ? []
              : [`${formatBytes(known.table.bytes)} in the database`]),
            known.table.key === null ? "no key" : `key ${known.table.key.join(", ")}`,
          ].join(" · ")}
        </span>
      )}
    </div>
  );
}

function optionText({ table, kind }: TableList["items"][number]): string {
  return kind === "table" ? table : `${table} (${kind})`;
}
