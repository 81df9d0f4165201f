import { expect, test } from "vitest";
import { sampleFile } from "./sample.ts";

test("the sample has 200,000 rows, of whom twelve do not fit", async () => {
  const lines = (await sampleFile().text()).trimEnd().split("\n");

  const [header, ...rows] = lines;
  const bad = rows.filter((row) => {
    const [, , , age = "", , born = ""] = row.split(",");
    const isDate = new Date(`${born}T00:00:00Z`).toJSON()?.slice(0, 10) === born;
    return !/^\d+$/.test(age) || !isDate;
  });
  expect(header).toBe("id,name,email,age,zip,born");
  expect(rows).toHaveLength(200_000);
  expect(bad).toHaveLength(12);
});
