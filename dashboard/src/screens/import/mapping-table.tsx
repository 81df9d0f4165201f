/** The columns of the file, where each goes, and whether its values fit. */
import { useState } from "preact/hooks";
import type { Column, Table } from "../../api/types.ts";
import {
  mapColumn,
  takeOffer,
  typeColumn,
  type Draft,
  type MappedColumn,
} from "../../imports/draft.ts";
import type { ImportPlan } from "../../imports/use-import-plan.ts";
import { readSoFar } from "./check-summary.tsx";
import { ColumnCheck } from "./column-check.tsx";

/** Types that a new column can be given; others can be had over the API. */
const TYPES = [
  "text",
  "integer",
  "bigint",
  "numeric",
  "double precision",
  "boolean",
  "date",
  "timestamp",
  "timestamptz",
  "time",
  "uuid",
  "json",
  "jsonb",
] as const satisfies readonly Column["type"][];

const LONGEST = 60;

interface TableProps {
  readonly draft: Draft;
  readonly known: ImportPlan;
  readonly onChange: (draft: Draft) => void;
}

/** The mapping. */
export function MappingTable({ draft, known, onChange }: TableProps) {
  const { mapping, inspection, target } = known;
  return (
    <table class="mapping cards">
      <caption class="vh">Column mapping</caption>
      <thead>
        <tr>
          <th scope="col">In the file</th>
          <th scope="col">Examples</th>
          <th scope="col">Goes to</th>
          <th scope="col">Type</th>
          <th scope="col">
            Check
            {inspection?.survey.isWhole === false && ` (${readSoFar(inspection)})`}
          </th>
        </tr>
      </thead>
      <tbody>
        {mapping.map((column) => (
          <tr key={column.number}>
            <td>
              <strong>{column.header === "" ? `Column ${column.number}` : column.header}</strong>
            </td>
            <td class="muted">{column.examples.map(short).join(" · ")}</td>
            <td>
              <Target column={column} target={target} draft={draft} onChange={onChange} />
            </td>
            <td>
              <Type column={column} draft={draft} onChange={onChange} />
            </td>
            <td>
              {column.column === null ? (
                <span class="muted">not imported</span>
              ) : (
                inspection !== null && (
                  <ColumnCheck column={column.column} inspection={inspection} />
                )
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function short(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

interface CellProps {
  readonly column: MappedColumn;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
}

function Target({ column, target, draft, onChange }: CellProps & { target: Table | null }) {
  const label = `Column for ${column.header || `column ${column.number}`}`;
  const go = (to: string | null | undefined): void => onChange(mapColumn(draft, column, to));
  if (target !== null)
    return (
      <select
        aria-label={label}
        value={column.column ?? ""}
        onChange={(event) => go(event.currentTarget.value || null)}
      >
        <option value="">do not import</option>
        {target.columns.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    );
  if (column.column === null)
    return (
      <button type="button" class="link" onClick={() => go(undefined)}>
        Import it<span class="vh"> {column.header}</span>
      </button>
    );
  return (
    <>
      <NameInput label={label} name={column.column} onChange={(name) => go(name.trim() || null)} />
      <button type="button" class="link small" onClick={() => go(null)}>
        Leave out<span class="vh"> {column.header}</span>
      </button>
    </>
  );
}

/** Keeps what is being typed: an answer that comes meanwhile does not put the old name back. */
function NameInput({
  label,
  name,
  onChange,
}: {
  label: string;
  name: string;
  onChange: (name: string) => void;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <input
      type="text"
      spellcheck={false}
      aria-label={label}
      value={typed ?? name}
      onInput={(event) => setTyped(event.currentTarget.value)}
      onChange={(event) => onChange(event.currentTarget.value)}
      onBlur={() => setTyped(null)}
    />
  );
}

function Type({ column, draft, onChange }: CellProps) {
  const { planned } = column;
  if (planned === null) return <span class="muted">–</span>;
  if (draft.mode !== "create")
    return (
      <span>
        {planned.sqlType}
        {planned.isRequired && ", required"}
      </span>
    );
  const name = planned.column;
  const place = { key: column.key, column: name };
  const given = draft.types[name] ?? "";
  const isOther = given !== "" && !TYPES.some((type) => type === given);
  return (
    <>
      <select
        aria-label={`Type of ${name}`}
        value={given}
        onChange={(event) => onChange(typeColumn(draft, place, event.currentTarget.value))}
      >
        <option value="">{given === "" ? planned.sqlType : "found out"}</option>
        {isOther && <option value={given}>{given}</option>}
        {TYPES.map((type) => (
          <option key={type} value={type}>
            {type}
          </option>
        ))}
      </select>
      <span class="muted small">{planned.reason}</span>
      {planned.offers?.map((offer) => (
        <div key={`${offer.type} ${offer.dateFormat ?? ""}`}>
          <button
            type="button"
            class="link small"
            onClick={() => onChange(takeOffer(draft, place, offer))}
          >
            Make it {offer.type}
            {offer.dateFormat === undefined ? "" : `, written ${offer.dateFormat}`}
            <span class="vh"> for {name}</span>
          </button>{" "}
          <span class="muted small">{offer.reason}</span>
        </div>
      ))}
    </>
  );
}
