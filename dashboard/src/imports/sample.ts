/** A file to try with: people who never were, of whom twelve do not fit. It is made here, and is the same each time. */
import { newDraft, type Draft } from "./draft.ts";

const ROWS = 200_000;
/** Every so many rows one has an age or a birthday that is none. */
const BAD_AGE_EVERY = 22_000;
const BAD_DATE_EVERY = 63_000;
const FIRST = [
  "Ada",
  "Jean",
  "Grace",
  "Alan",
  "Edsger",
  "Barbara",
  "Donald",
  "Radia",
  "Tony",
  "Mary",
];
const LAST = ["Lovelace", "Bartik", "Hopper", "Turing", "Dijkstra", "Liskov", "Knuth", "Perlman"];
const BAD_AGES = ["forty", "n/a", "41 years", "3O", "1.5e", "unknown", "-", "fifty-two", "?"];

/** Slow enough that there is time to press Pause. */
const SPEED = "5000";

/** What is decided of the sample before a person looks: with these types the twelve rows are rejected. */
export function sampleDraft(): Draft {
  const types = { age: "integer", born: "date" };
  return { ...newDraft(), table: "people_sample", types, speed: SPEED, isSample: true };
}

/** The file: 200,000 rows, about 13 MB. */
export function sampleFile(): File {
  const lines = ["id,name,email,age,zip,born\n"];
  for (let row = 1; row <= ROWS; row += 1) lines.push(lineOf(row));
  return new File(lines, "people-sample.csv", { type: "text/csv" });
}

function lineOf(row: number): string {
  const first = FIRST[row % FIRST.length] ?? "";
  const last = LAST[(row * 7) % LAST.length] ?? "";
  const age =
    row % BAD_AGE_EVERY === 0 ? (BAD_AGES[row / BAD_AGE_EVERY - 1] ?? "") : 18 + (row % 70);
  const day = String(1 + (row % 28)).padStart(2, "0");
  const month = String(1 + (row % 12)).padStart(2, "0");
  const born = row % BAD_DATE_EVERY === 0 ? "1984-02-31" : `${1940 + (row % 66)}-${month}-${day}`;
  const zip = String((row * 37) % 100_000).padStart(5, "0");
  const email = `${first.toLowerCase()}.${last.toLowerCase()}.${row}@example.com`;
  return `${row},${first} ${last},${email},${age},${zip},${born}\n`;
}
