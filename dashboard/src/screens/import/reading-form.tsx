/** How the file is read, and where it is not found out rightly the ways to say so. */
import type { Inspection, Reading } from "../../api/types.ts";
import type { Draft } from "../../imports/draft.ts";
import type { ImportPlan } from "../../imports/use-import-plan.ts";

interface FormProps {
  readonly draft: Draft;
  readonly known: ImportPlan;
  readonly onChange: (draft: Draft) => void;
}

const DELIMITERS: Readonly<Record<string, string>> = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "pipe",
  ":": "colon",
  " ": "space",
};

/** Fields that are text, what they show while nobody says anything, and what is often said. */
const TEXTS = [
  {
    name: "encoding",
    label: "Encoding",
    hint: (read: Read) => read.encoding,
    often: ["utf-8", "windows-1252", "iso-8859-15", "utf-16le", "shift_jis", "gb18030"],
  },
  {
    name: "delimiter",
    label: "Delimiter",
    hint: (read: Read) => (read.delimiter === "\t" ? "tab" : read.delimiter),
    often: [",", ";", "tab", "|"],
  },
  { name: "quote", label: "Quote", hint: (read: Read) => read.quote, often: ['"', "'"] },
  { name: "comment", label: "Comments begin with", hint: () => "none", often: ["#"] },
] as const;
type Read = Pick<Inspection["reading"], "encoding" | "delimiter" | "quote">;
/** Options that change; what is undefined or empty is not said any more. */
type Changes = { readonly [Name in keyof Reading]?: Reading[Name] | undefined };

/** The format in words, and the options, folded until somebody wants them. */
export function ReadingForm({ draft, known, onChange }: FormProps) {
  const { reading } = draft;
  const read = known.inspection?.reading;
  const change = (changes: Changes): void => {
    const next = Object.entries({ ...reading, ...changes }).filter(
      ([, value]) => value !== undefined && value !== "",
    );
    onChange({ ...draft, reading: Object.fromEntries(next) });
  };
  return (
    <details>
      <summary>
        {read === undefined ? "How the file is read" : wordsOf(read, reading)},{" "}
        <span class="link">change</span>
      </summary>
      {read !== undefined && (
        <p class="muted small">
          {read.encoding}: {read.encodingReason}. <code>{JSON.stringify(read.delimiter)}</code>:{" "}
          {read.delimiterReason}.
        </p>
      )}
      <div class="reading">
        {TEXTS.map(({ name, label, hint, often }) => (
          <label key={name}>
            {label}
            <input
              type="text"
              spellcheck={false}
              list={`often-${name}`}
              placeholder={read && hint(read)}
              value={reading[name] ?? ""}
              onInput={(event) => change({ [name]: event.currentTarget.value })}
            />
            <datalist id={`often-${name}`}>
              {often.map((value) => (
                <option key={value} value={value} />
              ))}
            </datalist>
          </label>
        ))}
        <Choices reading={reading} change={change} />
      </div>
    </details>
  );
}

function wordsOf({ encoding, delimiter }: Read, { header, skipLines = 0 }: Reading): string {
  return [
    encoding.toUpperCase(),
    DELIMITERS[delimiter] ?? delimiter,
    header === false ? "no header" : `header on line ${skipLines + 1}`,
  ].join(", ");
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
          onInput={({ currentTarget: { value } }) =>
            change({ nullValues: value === "" ? undefined : value.split(",") })
          }
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
