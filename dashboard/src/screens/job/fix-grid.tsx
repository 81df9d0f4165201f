/** Rows to be edited as in a sheet: Enter, Tab and arrows move, and a block that was copied from a sheet fills cells. */
import { useState } from "preact/hooks";
import { formatCount } from "../../format.ts";
import { blockOf, stateOf, type FixRow } from "../../jobs/fixes.ts";

interface GridProps {
  readonly rows: readonly FixRow[];
  readonly header: readonly string[];
  readonly onChange: (rows: readonly FixRow[]) => void;
  /** Told of the rows that are left, and of those that a block has filled. */
  readonly onLeave: (rows: readonly FixRow[]) => void;
}

/** A grid of rejected rows. */
export function FixGrid({ rows, header, onChange, onLeave }: GridProps) {
  const [focused, setFocused] = useState(0);
  const width = Math.max(...rows.map(({ cells }) => cells.length));
  const names = Array.from({ length: width }, (_, index) => header[index] ?? `#${index + 1}`);
  const item = rows[focused]?.item;
  const edit = (at: number, index: number, text: string): void => {
    const block = blockOf(text);
    const changed = rows.slice(at, at + block.length).map((row, down) => {
      const cells = [...row.cells];
      cells.splice(index, block[down]?.length ?? 0, ...(block[down] ?? []));
      return { ...row, cells: cells.slice(0, Math.max(row.cells.length, width)), isChanged: true };
    });
    onChange(changed);
    if (block.length > 1) onLeave(changed);
  };
  return (
    <>
      <div class="scroll">
        <table class="sheet" onKeyDown={move}>
          <caption class="vh">Rejected rows to be corrected</caption>
          <thead>
            <tr>
              <th scope="col">Line</th>
              {names.map((name, index) => (
                <th scope="col" key={index}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <tr
                key={row.item.record}
                onFocusIn={() => setFocused(at)}
                onFocusOut={({ currentTarget, relatedTarget }) => {
                  if (!currentTarget.contains(relatedTarget as Node | null)) onLeave([row]); // a node or nothing
                }}
              >
                <Cells row={row} names={names} onEdit={(index, text) => edit(at, index, text)} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p id="fix-reason" role="status">
        {item !== undefined &&
          `Line ${formatCount(item.line)}: ${stateOf(item).message ?? "it fits"}.${item.fields === null ? ` In the file: ${item.raw}` : ""}`}
      </p>
    </>
  );
}

interface CellsProps {
  readonly row: FixRow;
  readonly names: readonly string[];
  readonly onEdit: (index: number, text: string) => void;
}

function Cells({ row: { item, cells }, names, onEdit }: CellsProps) {
  const { code, field } = stateOf(item);
  const line = formatCount(item.line);
  return (
    <>
      <th scope="row">
        {code === null ? "✓" : "✗"} {line}
      </th>
      {cells.map((text, index) => (
        <td key={index}>
          <input
            value={text}
            aria-label={`${names[index]}, line ${line}`}
            aria-invalid={code !== null && (field ?? index) === index}
            aria-describedby="fix-reason"
            onInput={({ currentTarget }) => onEdit(index, currentTarget.value)}
            onPaste={(event) => {
              const copied = event.clipboardData?.getData("text") ?? "";
              if (!/[\t\n]/.test(copied)) return;
              event.preventDefault();
              onEdit(index, copied);
            }}
          />
        </td>
      ))}
    </>
  );
}

function inputsOf(row: Element | null | undefined): readonly HTMLInputElement[] {
  return [...(row?.querySelectorAll("input") ?? [])];
}

/** Goes to the next cell in a direction; sideways only from the end of a text. */
function move(event: KeyboardEvent): void {
  const { target, key, shiftKey } = event;
  if (!(target instanceof HTMLInputElement)) return;
  const row = target.closest("tr");
  const at = inputsOf(row).indexOf(target);
  const isBack = key === "ArrowUp" || key === "ArrowLeft" || shiftKey;
  const isEnd = target.selectionStart === (isBack ? 0 : target.value.length);
  const next = /^(Enter|ArrowUp|ArrowDown)$/.test(key)
    ? inputsOf(isBack ? row?.previousElementSibling : row?.nextElementSibling)[at]
    : key.startsWith("Arrow") && isEnd
      ? inputsOf(row)[at + (isBack ? -1 : 1)]
      : undefined;
  if (next === undefined) return;
  event.preventDefault();
  next.select();
  next.focus();
}
