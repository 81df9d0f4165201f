import { useEffect, useState } from "preact/hooks";
import { formatPart } from "../../format.ts";
import { cancelUpload, findKept, takeFile, upload, type Upload } from "../../imports/upload.ts";
import { FileButton } from "./file-button.tsx";
import { UploadCard } from "./upload-card.tsx";

/**
 * A place for a file: drop it anywhere on the page, choose it, or paste it. While it is uploaded it is the bar; where an
 * upload of an earlier visit waits for its file, that is asked for.
 */
export function DropArea({ title }: { title: string }) {
  const isOver = useFilesOnPage((file) => takeFile(file));
  useEffect(() => void findKept(), []);
  const { value } = upload;
  if (value !== null && value.state !== "kept") return <UploadCard upload={value} />;
  return (
    <>
      {value !== null && <KeptCard upload={value} />}
      <div class={isOver ? "drop over" : "drop"}>
        <p class="strong">{title}</p>
        <p class="muted">CSV, TSV and other delimited text, plain or as .gz or .zip</p>
        <FileButton
          text="Choose a file…"
          isPrimary={value === null}
          onFile={(file) => takeFile(file)}
        />
      </div>
    </>
  );
}

/** The browser does not keep the file itself: the person chooses it again, and only the rest is sent. */
function KeptCard({ upload: { file, sentBytes } }: { upload: Upload }) {
  return (
    <section class="card" aria-label="Unfinished upload">
      <h2>Continue the upload of {file.name}?</h2>
      <p>
        {formatPart(sentBytes, file.size)} are here. Choose the same file again, and the rest is
        sent.
      </p>
      <div class="row">
        <FileButton text={`Choose ${file.name}…`} isPrimary onFile={(chosen) => takeFile(chosen)} />
        <button type="button" onClick={cancelUpload}>
          Discard what is here
        </button>
      </div>
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
