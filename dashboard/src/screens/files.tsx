/** `/files`: what was uploaded. */
import { useEffect, useState } from "preact/hooks";
import { announce } from "../announce.ts";
import { deleteFile, listFiles } from "../api/calls.ts";
import { toApiError, type ApiError } from "../api/request.ts";
import type { StoredFile } from "../api/types.ts";
import { formatBytes, formatId } from "../format.ts";
import { showTitle } from "../tab.ts";
import { Question } from "../ui/dialog.tsx";
import { EmptyNote, ErrorNote, Waiting } from "../ui/notes.tsx";
import { Ago } from "../ui/time.tsx";
import { useAnswer } from "../ui/use-answer.ts";

interface Files {
  /** Null before the first answer. */
  readonly items: readonly StoredFile[] | null;
  readonly hasMore: boolean;
  readonly error: ApiError | null;
  readonly showMore: () => Promise<void>;
  readonly remove: (file: StoredFile) => Promise<void>;
}

function useFiles(): Files {
  const { value, error, askAgain } = useAnswer(() => listFiles(), []);
  const [more, setMore] = useState<readonly StoredFile[]>([]);
  const [cursor, setCursor] = useState<string | null | undefined>(undefined);
  const [refusal, setRefusal] = useState<ApiError | null>(null);
  const next = cursor === undefined ? (value?.next ?? null) : cursor;
  const remove = async (file: StoredFile): Promise<void> => {
    try {
      await deleteFile(file.id);
      setRefusal(null);
      setMore((before) => before.filter(({ id }) => id !== file.id));
      announce(`${file.name} is deleted.`);
      askAgain();
    } catch (thrown) {
      setRefusal(toApiError(thrown));
    }
  };
  const showMore = async (): Promise<void> => {
    try {
      const page = await listFiles(next ?? undefined);
      setMore((before) => [...before, ...page.items]);
      setCursor(page.next);
    } catch (thrown) {
      setRefusal(toApiError(thrown));
    }
  };
  const items = value === null ? null : [...value.items, ...more];
  return { items, hasMore: next !== null, error: error ?? refusal, showMore, remove };
}

/** The stored files, newest first. */
export function FilesScreen() {
  const { items, hasMore, error, showMore, remove } = useFiles();
  const [asked, setAsked] = useState<StoredFile | null>(null);
  useEffect(() => showTitle("Files"), []);
  return (
    <>
      <div class="row">
        <h1>Files</h1>
        <span class="space" />
        <a class="button primary" href="/import">
          Import a file…
        </a>
      </div>
      {error !== null && <ErrorNote error={error} />}
      {items === null && error === null && <Waiting />}
      {items !== null && items.length === 0 && (
        <EmptyNote title="There is no file.">
          <p class="muted">A file that you import stays here, so that it can be imported again.</p>
        </EmptyNote>
      )}
      {items !== null && items.length > 0 && <FileTable files={items} onDelete={setAsked} />}
      {hasMore && (
        <p style={{ marginTop: "16px" }}>
          <button type="button" onClick={() => void showMore()}>
            Show more
          </button>
        </p>
      )}
      {asked !== null && (
        <Question
          title={`Delete ${asked.name}?`}
          keep="Keep it"
          act="Delete the file"
          onClose={() => setAsked(null)}
          onAct={() => void remove(asked)}
        >
          <p>
            Rows that were imported from it stay. It cannot be imported again without an upload.
          </p>
        </Question>
      )}
    </>
  );
}

function FileTable({
  files,
  onDelete,
}: {
  files: readonly StoredFile[];
  onDelete: (file: StoredFile) => void;
}) {
  return (
    <section class="card" style={{ padding: "4px 10px" }}>
      <table class="cards">
        <caption class="vh">Files, newest first</caption>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Size</th>
            <th scope="col">Uploaded</th>
            <th scope="col">SHA-256</th>
            <th scope="col">
              <span class="vh">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <tr key={file.id}>
              <td>
                {file.name}
                <br />
                <code class="muted" title={file.id}>
                  {formatId(file.id)}
                </code>
              </td>
              <td data-label="Size">{formatBytes(file.bytes)}</td>
              <td data-label="Uploaded">
                <Ago time={file.createdAt} />
              </td>
              <td data-label="SHA-256">
                <code title={file.sha256}>{formatId(file.sha256)}</code>
              </td>
              <td>
                <div class="row">
                  <a class="button" href={`/import/${file.id}`}>
                    Import…<span class="vh"> {file.name}</span>
                  </a>
                  <button type="button" onClick={() => onDelete(file)}>
                    Delete…<span class="vh"> {file.name}</span>
                  </button>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
