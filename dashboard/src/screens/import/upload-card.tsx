import type { ApiError } from "../../api/request.ts";
import { formatPart, formatPercent } from "../../format.ts";
import { cancelUpload, continueUpload, pauseUpload, type Upload } from "../../imports/upload.ts";
import { PlainBar } from "../../ui/bar.tsx";

const DOINGS: Readonly<Record<Upload["state"], string>> = {
  sending: "Uploading",
  waiting: "Trying again:",
  paused: "Paused:",
  failed: "Broken off:",
  kept: "Waiting for",
};

/** The upload that is on its way: its bar, and what can be done about it. */
export function UploadCard({ upload: { file, id, sentBytes, state, error } }: { upload: Upload }) {
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
