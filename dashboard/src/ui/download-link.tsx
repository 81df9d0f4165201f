import { useState } from "preact/hooks";
import { send, toApiError, type ApiError } from "../api/request.ts";
import { token } from "../api/session.ts";
import { ErrorNote } from "./notes.tsx";

/**
 * A link that saves what the service sends. A browser follows a link without a token, so with one the page fetches the
 * file and holds it until it is saved.
 */
export function DownloadLink({
  path,
  name,
  text,
  isPrimary = false,
}: {
  path: string;
  name: string;
  text: string;
  isPrimary?: boolean;
}) {
  const [error, setError] = useState<ApiError | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  if (token.value === null)
    return (
      <a class={isPrimary ? "button primary" : "button"} href={path} download={name}>
        {text}
      </a>
    );
  const fetchAndSave = async (): Promise<void> => {
    setIsBusy(true);
    try {
      saveAs(await (await send(path)).blob(), name);
      setError(null);
    } catch (thrown) {
      setError(toApiError(thrown));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <>
      <button
        type="button"
        class={isPrimary ? "primary" : ""}
        disabled={isBusy}
        aria-busy={isBusy}
        onClick={() => void fetchAndSave()}
      >
        {text}
      </button>
      {error !== null && <ErrorNote error={error} />}
    </>
  );
}

function saveAs(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
