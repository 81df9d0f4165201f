import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiError } from "../../api/request.ts";
import { formatPart, formatPercent } from "../../format.ts";
import {
  cancelUpload,
  continueUpload,
  findKept,
  pauseUpload,
  takeFile,
  upload,
  type Upload,
} from "../../imports/upload.ts";
import { PlainBar } from "../../ui/bar.tsx";

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
        <FileButton text="Choose a file…" isPrimary={value === null} />
      </div>
    </>
  );
}

function FileButton({ text, isPrimary }: { text: string; isPrimary: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        class={isPrimary ? "primary" : ""}
        onClick={() => input.current?.click()}
      >
        {text}
      </button>
      <input
        ref={input}
        type="file"
        class="vh"
        tabIndex={-1}
        aria-label="File to import"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file !== undefined) takeFile(file);
        }}
      />
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
        <FileButton text={`Choose ${file.name}…`} isPrimary />
        <button type="button" onClick={cancelUpload}>
          Discard what is here
        </button>
      </div>
    </section>
  );
}

const DOINGS: Readonly<Record<Upload["state"], string>> = {
  sending: "Uploading",
  waiting: "Trying again:",
  paused: "Paused:",
  failed: "Broken off:",
  kept: "Waiting for",
};

function UploadCard({ upload: { file, id, sentBytes, state, error } }: { upload: Upload }) {
  const fraction = file.size === 0 ? 0 : Math.min(1, sentBytes / file.size);
  const isSent = state === "sending" && sentBytes >= file.size;
  const there = formatPart(Math.min(sentBytes, file.size), file.size);
  return (
    <section class="card" aria-label="Upload">
      <div class="row">
        <strong>{formatPercent(fraction)}</strong>
        <span>
          {isSent ? "Storing" : DOINGS[state]} {file.name}
        </span>
        <span class="space" />
        <span class="muted">{there}</span>
      </div>
      <PlainBar
        fraction={fraction}
        label={`Upload of ${file.name}`}
        tone={state === "sending" ? "run" : "pause"}
      />
      {state === "waiting" && (
        <p class="muted" role="status">
          The connection broke off. What arrived is kept.
        </p>
      )}
      {state === "paused" && <p class="muted">{there} are here and are kept for three days.</p>}
      {error !== null && <UploadError error={error} there={there} />}
      <UploadButtons state={state} isNew={id === null} />
    </section>
  );
}

function UploadError({ error, there }: { error: ApiError; there: string }) {
  return (
    <div class="note bad" role="alert">
      <strong>{error.title}.</strong> {error.message}{" "}
      {error.status !== 404 && `The upload was cut at ${there}. What arrived is kept.`}
    </div>
  );
}

function UploadButtons({ state, isNew }: { state: Upload["state"]; isNew: boolean }) {
  const isGoing = state === "sending" || state === "waiting";
  return (
    <div class="row">
      {isGoing ? (
        <button type="button" onClick={pauseUpload}>
          <span aria-hidden="true">❚❚</span> Pause upload
        </button>
      ) : (
        <button type="button" class="primary" onClick={continueUpload}>
          {isNew ? "Upload it again" : "Continue"}
        </button>
      )}
      <button type="button" onClick={cancelUpload}>
        Give it up
      </button>
    </div>
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
