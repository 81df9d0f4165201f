import { expect, test } from "vitest";
import { formatClock } from "../../format.ts";
import { lossLine } from "./sample-card.tsx";

const LOST = { lostAt: "2026-11-23T14:02:11.000Z", pid: 1, takenOverAt: null };
const TAKEN = { ...LOST, takenOverAt: "2026-11-23T14:02:13.000Z" };
const ROWS = {
  where: "staging",
  recordsWritten: 10,
  rowsStored: 10,
  rowsLost: 0,
  rowsWrittenTwice: 0,
  isLedgerWhole: true,
} as const;
const AT = `Worker lost at ${formatClock(LOST.lostAt)}`;

test.each([
  ["taken over", TAKEN, ROWS, `${AT} · taken over 2 s later · 0 rows lost, 0 written twice`],
  ["not yet", LOST, ROWS, `${AT} · not taken over yet · 0 rows lost, 0 written twice`],
  [
    "with rows that are wrong",
    TAKEN,
    { ...ROWS, rowsLost: 1, rowsWrittenTwice: 2, isLedgerWhole: false },
    `${AT} · taken over 2 s later · 1 row lost, 2 written twice · the ledger has a gap`,
  ],
  ["without rows any more", TAKEN, null, `${AT} · taken over 2 s later`],
] as const)(
  "a lost worker, %s, is one line of the service's figures",
  (_name, loss, rows, line) => {
    expect(lossLine(loss, rows)).toBe(line);
  },
);
