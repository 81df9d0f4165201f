import { expect, test } from "vitest";
import { readTypePairs } from "./type-pairs.ts";

test("pairs are split at commas that are not inside brackets, and at their last =", () => {
  expect(readTypePairs(["price=numeric(10,2), zip = text", "a=b=int", "zip=varchar(5)"])).toEqual({
    types: { price: "numeric(10,2)", zip: "varchar(5)", "a=b": "int" },
  });
});

test.each(["zip", "=text", "zip=", " =text", "zip=text,", ""])(
  "%j has a pair that is none",
  (list) => {
    expect(readTypePairs([list])).toHaveProperty("fault");
  },
);
