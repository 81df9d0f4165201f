/** What the file looks like. */
import { changeFormat, changeType, type ExportDraft } from "../../exports/draft.ts";

interface FormProps {
  readonly draft: ExportDraft;
  readonly onChange: (draft: ExportDraft) => void;
}

const TYPES = [
  ["csv", "CSV"],
  ["tsv", "TSV, with tabs"],
  ["jsonl", "JSON Lines"],
] as const;

/** The format. */
export function FormatForm({ draft, onChange }: FormProps) {
  const { format } = draft;
  const type = format.type ?? "csv";
  return (
    <>
      <h2>File</h2>
      <div class="row">
        <label class="label">
          Format
          <select
            value={type}
            onChange={(event) => {
              const chosen = TYPES.find(([name]) => name === event.currentTarget.value)?.[0];
              if (chosen !== undefined) onChange(changeType(draft, chosen));
            }}
          >
            {TYPES.map(([name, text]) => (
              <option key={name} value={name}>
                {text}
              </option>
            ))}
          </select>
        </label>
        {type !== "jsonl" && (
          <label class="label">
            NULL is
            <input
              type="text"
              size={8}
              spellcheck={false}
              placeholder="nothing"
              value={format.null ?? ""}
              onInput={(event) =>
                onChange(changeFormat(draft, { null: event.currentTarget.value || undefined }))
              }
            />
          </label>
        )}
        <label class="check">
          <input
            type="checkbox"
            checked={format.gzip === true}
            onChange={(event) =>
              onChange(
                changeFormat(draft, {
                  gzip: event.currentTarget.checked || undefined,
                  zstd: undefined,
                }),
              )
            }
          />
          Packed by gzip
        </label>
      </div>
      {type !== "jsonl" && <SpreadsheetChoice draft={draft} onChange={onChange} />}
    </>
  );
}

function SpreadsheetChoice({ draft, onChange }: FormProps) {
  return (
    <div>
      <label class="check">
        <input
          type="checkbox"
          aria-describedby="spreadsheet-note"
          checked={draft.format.spreadsheetSafe === true}
          onChange={(event) =>
            onChange(
              changeFormat(draft, { spreadsheetSafe: event.currentTarget.checked || undefined }),
            )
          }
        />
        Safe for Excel
      </label>
      <span class="muted small" id="spreadsheet-note">
        Texts that Excel would take for a formula get a ' in front, and a byte order mark leads the
        file. It changes data.
      </span>
    </div>
  );
}
