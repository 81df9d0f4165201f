// The files that the benchmark loads, made from a seed: the same seed and number of rows give the same bytes.
import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";

const BUFFER_BYTES = 1024 * 1024;
const DAY_MS = 86_400_000;

/** A generator of whole numbers below a bound: mulberry32. Fast, and good enough for filling cells. */
export function makeRandom(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

const FIRST = ["Ada", "Björn", "Chen", "Dana", "Emeka", "Fatma", "Grace", "Hana", "Ines", "Jörg"];
const LAST = ["Lovelace", "O'Neil", "Nakamura", "Øvergård", "Silva", "Weiß", "Young", "Zhou"];
const NOTES = [
  "paid in full",
  'says "hello" often',
  "line one\nline two",
  "none, so far",
  "",
  "call back after lunch",
];

const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
const asNeeded = (text) => (/[",\r\n]/.test(text) ? quoted(text) : text);
const hex = (random, digits) =>
  random(16 ** digits)
    .toString(16)
    .padStart(digits, "0");
const two = (number) => String(number).padStart(2, "0");

function uuid(random) {
  const tail = hex(random, 6) + hex(random, 6);
  return `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${tail}`;
}

function person(random, number) {
  const first = FIRST[random(FIRST.length)];
  const last = LAST[random(LAST.length)];
  const name = random(4) === 0 ? `${last}, ${first}` : `${first} ${last}`;
  const born = new Date(random(20_000) * DAY_MS).toISOString().slice(0, 10);
  const time = `${two(random(24))}:${two(random(60))}:${two(random(60))}`;
  return [
    String(number),
    uuid(random),
    name,
    `${first.toLowerCase()}.${number}@example.com`,
    String(18 + random(80)),
    String(random(1_000_000) / 1000),
    random(2) === 0 ? "true" : "false",
    born,
    `2026-${two(1 + random(12))}-${two(1 + random(28))} ${time}+00`,
    NOTES[random(NOTES.length)],
  ];
}

function measurement(random, number) {
  const cents = (below) => `${random(below)}.${two(random(100))}`;
  return [
    String(number),
    String(random(1_000)),
    String(random(2_000_000_000)),
    `-${random(100_000)}`,
    `${1 + random(9_000_000)}${two(random(100))}${hexDigitsAsNumber(random)}`,
    cents(1_000_000),
    cents(100),
    String(random(1_000_000_000) / 1_000_000),
    String(random(1_000) / 8),
    `${random(10)}.${1 + random(9)}e-${1 + random(20)}`,
  ];
}

function hexDigitsAsNumber(random) {
  return String(100_000 + random(900_000));
}

const PEOPLE_COLUMNS = {
  id: "integer",
  ref: "uuid",
  name: "text",
  email: "text",
  age: "integer",
  score: "double precision",
  active: "boolean",
  born: "date",
  seen: "timestamptz",
  note: "text",
};

/** The shapes of data by name: what they hold in words, columns with types, a row as texts, and how it is quoted. */
const SHAPES = {
  people: {
    says: "int, uuid, text with quotes, commas and line breaks, email, int, float, bool, date, timestamptz, text",
    columns: PEOPLE_COLUMNS,
    row: person,
    quote: asNeeded,
  },
  numeric: {
    says: "bigint, 3 integers, bigint, 2 numeric, 3 double precision",
    columns: {
      id: "bigint",
      sensor: "integer",
      count: "integer",
      shift: "integer",
      serial: "bigint",
      price: "numeric",
      rate: "numeric",
      x: "double precision",
      y: "double precision",
      z: "double precision",
    },
    row: measurement,
    quote: (text) => text,
  },
  quoted: {
    says: "the columns of people, every field in quotes but the empty ones",
    columns: PEOPLE_COLUMNS,
    row: person,
    quote: (text) => (text === "" ? "" : quoted(text)),
  },
};

/** Writes a file of a shape into `folder`. Returns its path, size and description. */
export function writeData(folder, shapeName, rows, seed) {
  const shape = SHAPES[shapeName];
  const path = join(folder, `${shapeName}.csv`);
  const random = makeRandom(seed);
  const file = openSync(path, "w");
  let text = `${Object.keys(shape.columns).join(",")}\n`;
  for (let number = 1; number <= rows; number++) {
    text += `${shape.row(random, number).map(shape.quote).join(",")}\n`;
    if (text.length < BUFFER_BYTES) continue;
    writeSync(file, text);
    text = "";
  }
  writeSync(file, text);
  closeSync(file);
  const { says, columns } = shape;
  return { name: shapeName, path, rows, bytes: statSync(path).size, says, columns };
}
