import { expect, test } from "vitest";
import { bytesOf, storeOf } from "../../../test/support/record-scene.ts";
import { createProcessReading, fieldNames } from "./read-plan.ts";

test.each([
  [
    ["name", "name", "name_2"],
    ["name", "name_2", "name_2_2"],
  ],
  [
    ["", "a", ""],
    ["column_1", "a", "column_3"],
  ],
  [
    ["column_2", ""],
    ["column_2", "column_2_2"],
  ],
])("the fields of the header %j are %j", (header, fields) => {
  expect(fieldNames(header)).toEqual(fields);
});

test("a file is read as an import reads it, with the source pinned", async () => {
  const bytes = bytesOf("id;name\n1;a\n");
  const file = {
    id: "file_1",
    name: "people.csv",
    bytes: bytes.length,
    sha256: "x",
    createdAt: new Date(0),
  };

  const { plan, header, fields } = await createProcessReading(storeOf(bytes)).plan(file, {});

  expect({ header, fields }).toEqual({ header: ["id", "name"], fields: ["id", "name"] });
  expect(plan).toMatchObject({
    width: 2,
    dialect: { delimiter: 0x3b },
    start: { byte: 8, line: 2 },
    source: { file: "file_1", bytes: bytes.length, version: "1" },
  });
});
