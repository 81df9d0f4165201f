import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnNames, isPossibleName, safeName } from "./column-name.ts";

describe("safeName", () => {
  it.each([
    ["Full Name", "full_name"],
    ["  E-Mail (work) ", "e_mail_work"],
    ["__x__", "x"],
    ["a__b", "a__b"],
    ["Größe", "größe"],
    ["e\u0301te\u0301", "\u00e9t\u00e9"],
    ["日本 語", "日本_語"],
    ["2026", "2026"],
    ["$%&", ""],
    ["__proto__", "proto"],
    ['x"; drop table people --', "x_drop_table_people"],
  ])("makes %j into %j", (text, name) => {
    expect(safeName(text)).toBe(name);
  });

  it("cuts at 63 bytes, never inside a character", () => {
    expect(safeName("x".repeat(70))).toBe("x".repeat(63));
    expect(safeName("é".repeat(40))).toBe("é".repeat(31));
  });
});

describe("columnNames", () => {
  it("numbers names that are taken, also in another case and by the system", () => {
    expect(columnNames(["Name", "name", "NAME", "ctid", "", "?", "xmin"])).toEqual([
      "name",
      "name_2",
      "name_3",
      "ctid_2",
      "column_5",
      "column_6",
      "xmin_2",
    ]);
  });

  it("does not run into a name that a header has by itself", () => {
    expect(columnNames(["a", "a_2", "a"])).toEqual(["a", "a_2", "a_3"]);
  });

  it("leaves room for the number in a long name", () => {
    const [first, second] = columnNames(["x".repeat(80), "x".repeat(90)]);

    expect([first, second]).toEqual(["x".repeat(63), `${"x".repeat(61)}_2`]);
  });

  it("keeps names that were asked for, and gives them to no other column", () => {
    const given = new Map<number, string | null>([
      [1, "Name"],
      [2, null],
    ]);

    expect(columnNames(["name", "x", "y", "z"], given)).toEqual(["name_2", "Name", null, "z"]);
  });

  it("gives possible and different names to any headers", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary", maxLength: 80 }), { maxLength: 20 }),
        (headers) => {
          const names = columnNames(headers);

          expect(new Set(names).size).toBe(headers.length);
          for (const name of names) expect(name !== null && isPossibleName(name)).toBe(true);
        },
      ),
    );
  });
});

describe("isPossibleName", () => {
  it.each([
    ["a b", true],
    ["x".repeat(63), true],
    ["", false],
    ["x".repeat(64), false],
    ["é".repeat(32), false],
    ["a\0", false],
    ["\uD800", false],
  ])("judges %j", (name, isPossible) => {
    expect(isPossibleName(name)).toBe(isPossible);
  });
});
