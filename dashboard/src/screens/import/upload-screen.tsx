import { useEffect } from "preact/hooks";
import { listFiles } from "../../api/calls.ts";
import { formatBytes } from "../../format.ts";
import { showTitle } from "../../tab.ts";
import { Ago } from "../../ui/time.tsx";
import { useAnswer } from "../../ui/use-answer.ts";
import { DropArea } from "./drop-area.tsx";
import { Steps } from "./steps.tsx";

const SHOWN = 5;

/** `/import`: the first step, a file. */
export function UploadScreen() {
  useEffect(() => showTitle("Import"), []);
  return (
    <>
      <h1>Import a file</h1>
      <Steps at="File" />
      <DropArea title="Drop a CSV here, or choose a file" />
      <RecentFiles />
    </>
  );
}

function RecentFiles() {
  const { value } = useAnswer(() => listFiles(), []);
  if (value === null || value.items.length === 0) return null;
  return (
    <section class="card">
      <h2>Files that are here already</h2>
      <ul>
        {value.items.slice(0, SHOWN).map(({ id, name, bytes, createdAt }) => (
          <li key={id}>
            <a href={`/import/${id}`}>{name}</a>{" "}
            <span class="muted">
              {formatBytes(bytes)}, <Ago time={createdAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
