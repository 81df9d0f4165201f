import type { ApiError } from "../../api/request.ts";
import type { ParamField, ParamTexts } from "../../processes/params.ts";

interface FormProps {
  readonly fields: readonly ParamField[];
  readonly texts: ParamTexts;
  /** What the service has refused, for the fields that it names. */
  readonly error: ApiError | null;
  readonly onChange: (texts: ParamTexts) => void;
}

/** The params of a process, a field each. */
export function ParamsForm({ fields, texts, error, onChange }: FormProps) {
  return (
    <>
      {fields.map((field) => {
        const fault = error?.fields.find(({ pointer }) => pointer === `/params/${field.name}`);
        return (
          <div key={field.name}>
            <ParamInput
              field={field}
              text={texts[field.name] ?? field.initial}
              isBad={fault !== undefined}
              onText={(text) => onChange({ ...texts, [field.name]: text })}
            />
            <div class="small muted" id={`hint-${field.name}`}>
              {fault === undefined ? field.hint : <span class="cellbad">{fault.detail}</span>}
            </div>
          </div>
        );
      })}
    </>
  );
}

interface InputProps {
  readonly field: ParamField;
  readonly text: string;
  readonly isBad: boolean;
  readonly onText: (text: string) => void;
}

function ParamInput({ field, text, isBad, onText }: InputProps) {
  const { label, kind, isRequired } = field;
  const hint = { "aria-describedby": `hint-${field.name}`, "aria-invalid": isBad };
  const look = kind === "secret" ? { type: "password" as const } : { type: "text" as const };
  if (kind === "switch")
    return (
      <label class="check">
        <input
          type="checkbox"
          {...hint}
          checked={text === "true"}
          onChange={(event) => onText(String(event.currentTarget.checked))}
        />
        {label}
      </label>
    );
  return (
    <label class="field narrow">
      <span>
        {label}
        {isRequired && field.initial === "" && <span class="muted"> (required)</span>}
      </span>
      {kind === "choice" && (
        <select {...hint} value={text} onChange={(event) => onText(event.currentTarget.value)}>
          {field.initial === "" && <option value="">choose…</option>}
          {field.choices.map((choice, at) => (
            <option key={at} value={String(at)}>
              {String(choice)}
            </option>
          ))}
        </select>
      )}
      {kind === "json" && (
        <textarea
          {...hint}
          rows={3}
          spellcheck={false}
          placeholder="JSON"
          value={text}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
      {(kind === "text" || kind === "number" || kind === "secret") && (
        <input
          {...hint}
          {...look}
          autoComplete="off"
          spellcheck={false}
          value={text}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
    </label>
  );
}
