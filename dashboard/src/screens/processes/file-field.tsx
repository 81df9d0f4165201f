import { listFiles } from "../../api/calls.ts";
import { formatBytes } from "../../format.ts";
import { takeFile, upload } from "../../imports/upload.ts";
import { ErrorNote } from "../../ui/notes.tsx";
import { useAnswer } from "../../ui/use-answer.ts";
import { FileButton } from "../import/file-button.tsx";
import { UploadCard } from "../import/upload-card.tsx";

/** The file of a process: one that is here already, or a new one. */
export function FileField({ file, onChange }: { file: string; onChange: (file: string) => void }) {
  const { value, error } = useAnswer(() => listFiles(), [file]);
  const items = value?.items ?? [];
  const isListed = file === "" || items.some(({ id }) => id === file);
  const { value: sending } = upload;
  if (sending !== null && sending.state !== "kept") return <UploadCard upload={sending} />;
  return (
    <>
      {error !== null && <ErrorNote error={error} />}
      <div class="row">
        <label class="label">
          File
          <select value={file} onChange={(event) => onChange(event.currentTarget.value)}>
            <option value="">choose…</option>
            {!isListed && <option value={file}>{file}</option>}
            {items.map(({ id, name, bytes }) => (
              <option key={id} value={id}>
                {name} ({formatBytes(bytes)})
              </option>
            ))}
          </select>
        </label>
        <FileButton
          text="Upload a file…"
          onFile={(chosen) => takeFile(chosen, { onDone: onChange })}
        />
      </div>
    </>
  );
}
