// What is compared with what. The first contender of a case is what the others are measured by.
import {
  csvParse,
  pgloader,
  psqlBinary,
  psqlCopy,
  psqlCopyOut,
  psqlCopyThenKey,
  sluice,
  sluiceCold,
  sluiceExport,
  sluiceRequest,
} from "./contenders.mjs";

const SECONDARY_INDEXES = ["email", "born"];

/** The DDL of a table with the columns of the data. */
function tableOf({ columns }, { key = false, indexes = [] } = {}) {
  const list = Object.entries(columns).map(
    ([name, type]) => `${name} ${type}${key && name === "id" ? " primary key" : ""}`,
  );
  return (table) => [
    `create table ${table} (${list.join(", ")})`,
    ...indexes.map((column) => `create index on ${table} (${column})`),
  ];
}

const plain = (data) => tableOf(data);
const withKey = (data) => tableOf(data, { key: true });
const withIndexes = (data) => tableOf(data, { key: true, indexes: SECONDARY_INDEXES });

const staged = sluice("Sluice, staged", { mode: "append" });
const direct = sluice("Sluice, direct", { mode: "append", delivery: "direct" });

/** The cases by name: title, shape of the data, how a target is made where one is needed, contenders. */
export const CASES = {
  new: {
    title: "New table",
    data: "people",
    ddl: plain,
    contenders: [psqlCopy, sluice("Sluice", {}), sluiceRequest, psqlBinary],
  },
  "new-key": {
    title: "New table with primary key",
    data: "people",
    ddl: plain,
    contenders: [psqlCopyThenKey, sluice("Sluice", { key: ["id"] })],
  },
  existing: {
    title: "Existing table with primary key",
    data: "people",
    ddl: withKey,
    contenders: [psqlCopy, staged, direct],
  },
  indexes: {
    title: "Existing table with primary key and two more indexes",
    data: "people",
    ddl: withIndexes,
    contenders: [psqlCopy, staged, direct],
  },
  numeric: {
    title: "Numeric-heavy, new table",
    data: "numeric",
    ddl: plain,
    contenders: [psqlCopy, sluice("Sluice", {})],
  },
  quoted: {
    title: "All quoted, new table",
    data: "quoted",
    ddl: plain,
    contenders: [psqlCopy, sluice("Sluice", {})],
  },
  cold: {
    title: "Cold start, new table",
    data: "people",
    ddl: plain,
    contenders: [psqlCopy, sluiceCold],
  },
  export: {
    title: "Export of a table with primary key",
    data: "people",
    isExport: true,
    ddl: withKey,
    contenders: [psqlCopyOut, sluiceExport],
  },
  others: {
    title: "What is used otherwise, new table",
    data: "people",
    ddl: plain,
    mostRounds: 2,
    contenders: [psqlCopy, csvParse, pgloader],
  },
};
