/**
 * Fix and retry: the rejected rows that no retry has, to be edited as in a sheet. The service checks each row as it is left;
 * what fits is retried as a job of its own.
 */
import { useRef, useState } from "preact/hooks";
import {
  correctRecords,
  countCorrections,
  deleteCorrections,
  listRejected,
  retryJob,
} from "../../api/calls.ts";
import { makeKey } from "../../api/make-key.ts";
import { toApiError, type ApiError } from "../../api/request.ts";
import type { CorrectionCounts, ImportJob, ProcessJob } from "../../api/types.ts";
import { formatCount, formatCounted } from "../../format.ts";
import { offersOf, rowOf, valuesOf, type FixRow, type Offer } from "../../jobs/fixes.ts";
import { takeJob } from "../../jobs/store.ts";
import { goTo } from "../../router.ts";
import { ErrorNote, Waiting } from "../../ui/notes.tsx";
import { useAnswer } from "../../ui/use-answer.ts";
import { FixGrid } from "./fix-grid.tsx";

const PAGE = 50;
/** As many as the service corrects at once. */
const MANY = 200;

/** The part of a job's page where its rejected rows are put right. */
export function FixTab({ job: { id } }: { job: ImportJob | ProcessJob }) {
  const fixes = useFixes(id);
  const { rows, header, counts, error, isBusy, cursors, next, turn } = fixes;
  if (rows === undefined || counts === null)
    return error === null ? <Waiting /> : <ErrorNote error={error} />;
  return (
    <section class="card fix" aria-label="Fix and retry">
      {error !== null && <ErrorNote error={error} />}
      <div class="row">
        {offersOf(rows, header.length).map((offer) => (
          <button
            type="button"
            key={offer.text}
            disabled={isBusy}
            onClick={() => fixes.apply(offer)}
          >
            {offer.text} · apply to all{next === null && ` ${formatCount(offer.count)}`}
          </button>
        ))}
      </div>
      <FixGrid rows={rows} header={header} onChange={fixes.change} onLeave={fixes.save} />
      <div class="row">
        {cursors.length > 1 && (
          <button type="button" onClick={() => turn(cursors.slice(0, -1))}>
            Back
          </button>
        )}
        {next !== null && (
          <button type="button" onClick={() => turn([...cursors, next])}>
            Next {PAGE} rows
          </button>
        )}
      </div>
      <Foot id={id} fixes={fixes} counts={counts} />
    </section>
  );
}

interface FootProps {
  readonly id: string;
  readonly fixes: Pick<ReturnType<typeof useFixes>, "isBusy" | "run" | "reload">;
  readonly counts: CorrectionCounts;
}

function Foot({ id, fixes: { isBusy, run, reload }, counts }: FootProps) {
  const { recordsOpen, recordsCorrected, recordsFitting } = counts;
  const [key] = useState(makeKey);
  const [isSure, setIsSure] = useState(false);
  const retry = async (): Promise<void> => {
    const child = await retryJob(id, key);
    takeJob(child);
    goTo(`/jobs/${child.id}`);
  };
  const discard = (): void => {
    setIsSure(!isSure);
    if (isSure) run(() => deleteCorrections(id).then(reload));
  };
  return (
    <div class="row">
      <span role="status">
        {isBusy
          ? "Checking…"
          : `${formatCount(recordsFitting)} of ${formatCounted(recordsOpen, "row")} now fit.`}
      </span>
      <span class="space" />
      <button type="button" disabled={recordsCorrected === 0} onClick={discard}>
        {isSure ? `Discard ${formatCounted(recordsCorrected, "correction")}` : "Discard…"}
      </button>
      <button
        type="button"
        class="primary"
        disabled={recordsFitting === 0 || isBusy}
        onClick={() => run(retry)}
      >
        Retry {formatCounted(recordsFitting, "row")}
      </button>
    </div>
  );
}

/** Does one thing after the other, so that the last edit of a row is the last that the service hears of. */
function useQueue() {
  const [waiting, setWaiting] = useState(0);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const queue = useRef(Promise.resolve());
  const run = (work: () => Promise<void>): void => {
    setWaiting((count) => count + 1);
    queue.current = queue.current
      .then(work)
      .then(
        () => setFailure(null),
        (thrown: unknown) => setFailure(toApiError(thrown)),
      )
      .then(() => setWaiting((count) => count - 1));
  };
  return { run, failure, isBusy: waiting > 0 };
}

type Edited = ReadonlyMap<number, FixRow>;

/** A page of the rows, what is known of them, and what may be done. */
function useFixes(id: string) {
  const { run, failure, isBusy } = useQueue();
  const [cursors, setCursors] = useState<readonly string[]>([""]);
  const [edited, setEdited] = useState<Edited>(new Map());
  const cursor = cursors.at(-1);
  const page = useAnswer(() => listRejected(id, { limit: PAGE, open: true, cursor }), [id, cursor]);
  const counts = useAnswer(() => countCorrections(id), [id]);
  const header = page.value?.header ?? [];
  const put = (rowsOf: (before: Edited) => readonly FixRow[]): void =>
    setEdited((before) => {
      const after = new Map(before);
      for (const row of rowsOf(before)) after.set(row.item.record, row);
      return after;
    });
  const send = async (changed: readonly FixRow[]): Promise<void> => {
    if (changed.length === 0) return;
    const items = changed.map((row) => ({ record: row.item.record, values: valuesOf(row) }));
    const answers = await correctRecords(id, items);
    // A row that was edited meanwhile is told of when it is left again.
    put((before) =>
      answers
        .filter(({ record }, at) => before.get(record)?.cells === changed[at]?.cells)
        .map((item) => rowOf(item, header.length)),
    );
  };
  const turn = (to: readonly string[]): void => {
    setCursors(to);
    setEdited(new Map());
  };
  const reload = (): void => {
    turn(cursors);
    page.askAgain();
    counts.askAgain();
  };
  const applyToAll = async (offer: Offer): Promise<void> => {
    for (let from: string | null = ""; from !== null;) {
      const found = await listRejected(id, { limit: MANY, open: true, cursor: from });
      await send(found.items.flatMap((item) => offer.apply(rowOf(item, header.length))));
      from = found.next;
    }
    reload();
  };
  return {
    rows: page.value?.items.map((item) => edited.get(item.record) ?? rowOf(item, header.length)),
    header,
    counts: counts.value,
    error: failure ?? page.error ?? counts.error,
    isBusy,
    cursors,
    next: page.value?.next ?? null,
    run,
    reload,
    turn,
    change: (rows: readonly FixRow[]) => put(() => rows),
    save: (left: readonly FixRow[]) => {
      const changed = left.filter(({ isChanged }) => isChanged);
      if (changed.length > 0) run(() => send(changed).then(counts.askAgain));
    },
    apply: (offer: Offer) => run(() => applyToAll(offer)),
  };
}
