import { useEffect, useRef, useState } from "preact/hooks";
import { formatBytes, formatPercent } from "../../format.ts";
import { cancelUpload, startUpload, upload, type Upload } from "../../imports/upload.ts";
import { PlainBar } from "../../ui/bar.tsx";
import { ErrorNote } from "../../ui/notes.tsx";

/** A place for a file: drop it anywhere on the page, choose it, or paste it. While it is uploaded it is the bar. */
export function DropArea({ title }: { title: string }) {
  const input = useRef<HTMLInputElement>(null);
  const isOver = useFilesOnPage((file) => void startUpload(file));
  if (upload.value !== null) return <UploadCard upload={upload.value} />;
  return (
    <div class={isOver ? "drop over" : "drop"}>
      <p class="strong">{title}</p>
      <p class="muted">CSV, TSV and other delimited text, plain or as .gz or .zip</p>
      <button type="button" class="primary" onClick={() => input.current?.click()}>
        Choose a file…
      </button>
      <input
        ref={input}
        type="file"
        class="vh"
        tabIndex={-1}
        aria-label="File to import"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file !== undefined) void startUpload(file);
        }}
      />
    </div>
  );
}

function UploadCard({ upload: { file, sentBytes, error } }: { upload: Upload }) {
  const fraction = file.size === 0 ? 0 : Math.min(1, sentBytes / file.size);
  const isSent = sentBytes >= file.size;
  return (
    <section class="card" aria-label="Upload">
      <div class="row">
        <strong>{formatPercent(fraction)}</strong>
        <span>
          {error === null ? (isSent ? "Storing" : "Uploading") : "Broken off:"} {file.name}
        </span>
        <span class="space" />
        <span class="muted">
          {formatBytes(Math.min(sentBytes, file.size))} of {formatBytes(file.size)}
        </span>
      </div>
      <PlainBar fraction={fraction} label={`Upload of ${file.name}`} />
      {error !== null && (
        <ErrorNote error={error}>
          <button type="button" onClick={() => void startUpload(file)}>
            Upload it again
          </button>
        </ErrorNote>
      )}
      <button type="button" onClick={cancelUpload}>
        Cancel
      </button>
    </section>
  );
}

/** Takes files that are dropped on the page or pasted. Whether one is held over it. */
function useFilesOnPage(onFile: (file: File) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const ended = new AbortController();
    const { signal } = ended;
    const take = (files: FileList | undefined): void => {
      const file = files?.[0];
      if (file !== undefined) onFile(file);
    };
    const over = (event: DragEvent): void => {
      event.preventDefault();
      setIsOver(true);
    };
    addEventListener("dragover", over, { signal });
    addEventListener("dragleave", () => setIsOver(false), { signal });
    addEventListener(
      "drop",
      (event) => {
        event.preventDefault();
        setIsOver(false);
        take(event.dataTransfer?.files);
      },
      { signal },
    );
    addEventListener("paste", (event) => take(event.clipboardData?.files), { signal });
    return () => ended.abort();
  }, []);
  return isOver;
}
