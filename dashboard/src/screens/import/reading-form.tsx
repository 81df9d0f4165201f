/** How the file is read, where it is not found out rightly. */
import type { Inspection, Reading } from "../../api/types.ts";
import type { Draft } from "../../imports/draft.ts";
import type { ImportPlan } from "../../imports/use-import-plan.ts";

interface FormProps {
  readonly draft: Draft;
  readonly known: ImportPlan;
  readonly onChange: (draft: Draft) => void;
}

/** Fields that are text, and what they show while nobody says anything. */
const TEXTS = [
  { name: "encoding", label: "Encoding", hint: (read: Read) => read.encoding },
  {
    name: "delimiter",
    label: "Delimiter",
    hint: (read: Read) => (read.delimiter === "\t" ? "tab" : read.delimiter),
  },
  { name: "quote", label: "Quote", hint: (read: Read) => read.quote },
  { name: "comment", label: "Comments begin with", hint: () => "none" },
] as const;

type Read = Pick<Inspection["reading"], "encoding" | "delimiter" | "quote">;

/** Options that change; what is undefined or empty is not said any more. */
type Changes = { readonly [Name in keyof Reading]?: Reading[Name] | undefined };

/** The options; folded until somebody wants them. */
export function ReadingForm({ draft, known, onChange }: FormProps) {
  const reading = draft.reading ?? {};
  const change = (changes: Changes): void => {
    const next = Object.entries({ ...reading, ...changes }).filter(
      ([, value]) => value !== undefined && value !== "",
    );
    onChange({ ...draft, reading: Object.fromEntries(next) });
  };
  return (
    <details>
      <summary>How the file is read</summary>
      {draft.reading === null && (
        <p class="muted">
          As the job before has read it. What is said here replaces all that was said there.
        </p>
      )}
      <Evidence inspection={known.inspection} />
      <div class="reading">
        {TEXTS.map(({ name, label, hint }) => (
          <label key={name}>
            {label}
            <input
              type="text"
              spellcheck={false}
              placeholder={known.plan === null ? "" : hint(known.plan.reading)}
              value={reading[name] ?? ""}
              onInput={(event) => change({ [name]: event.currentTarget.value })}
            />
          </label>
        ))}
        <Choices reading={reading} change={change} />
      </div>
    </details>
  );
}

/** Options that are no plain text. */
function Choices({ reading, change }: { reading: Reading; change: (changes: Changes) => void }) {
  return (
    <>
      <label>
        Lines before the header
        <input
          type="number"
          min={0}
          value={reading.skipLines ?? 0}
          onInput={(event) => change({ skipLines: Number(event.currentTarget.value) || undefined })}
        />
      </label>
      <label>
        Words for no value
        <input
          type="text"
          placeholder="none; several with commas"
          value={(reading.nullValues ?? []).join(",")}
          onInput={(event) => change({ nullValues: wordsOf(event.currentTarget.value) })}
        />
      </label>
      <label>
        Decimals
        <select
          value={reading.decimal ?? "."}
          onChange={(event) =>
            change({ decimal: event.currentTarget.value === "," ? "," : undefined })
          }
        >
          <option value=".">3.14</option>
          <option value=",">3,14</option>
        </select>
      </label>
      <label>
        First line
        <select
          value={reading.header === false ? "no" : "yes"}
          onChange={(event) =>
            change({ header: event.currentTarget.value === "no" ? false : undefined })
          }
        >
          <option value="yes">names the columns</option>
          <option value="no">is a row already</option>
        </select>
      </label>
    </>
  );
}

function Evidence({ inspection }: { inspection: Inspection | null }) {
  if (inspection === null) return null;
  const { encoding, encodingReason, delimiter, delimiterReason } = inspection.reading;
  return (
    <p class="muted small">
      {encoding}: {encodingReason}. <code>{JSON.stringify(delimiter)}</code>: {delimiterReason}.
    </p>
  );
}

function wordsOf(text: string): readonly string[] | undefined {
  return text === "" ? undefined : text.split(",");
}
