import { describe, expect, it } from "vitest";
import { TypeInference } from "./infer-type.ts";

function infer(values: readonly string[], { isQuoted = false, isWhole = true } = {}) {
  const inference = new TypeInference();
  for (const value of values) inference.add(value, isQuoted);
  return inference.result(isWhole);
}

describe("TypeInference", () => {
  it.each([
    [["0", "-12", "999999"], "integer"],
    [["1", "1000000"], "bigint"],
    [["123456789012345678"], "bigint"],
    [["0.50", "3", "-0.5"], "numeric"],
    [["true", "false"], "boolean"],
    [["2026-02-28", "0001-01-01"], "date"],
    [["2026-02-28T09:30:00", "2026-02-28 09:30:00.123456"], "timestamp"],
    [["2026-02-28T09:30:00Z", "2026-02-28 09:30:00+05:30"], "timestamptz"],
    [["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"], "uuid"],
    [["1", "", "2"], "integer"],
  ])("takes %j for %s", (values, type) => {
    expect(infer(values).type).toBe(type);
  });

  it.each([
    [["007"], "leading zeros"],
    [["1", "01"], "leading zeros"],
    [["+1"], "plus signs"],
    [[" 1"], "spaces around values"],
    [["-0"], 'text such as "-0"'],
    [["1234567890123456789"], "numbers of 19 digits or more"],
    [["1_000"], 'text such as "1_000"'],
    [["0x1F"], 'text such as "0x1F"'],
    [[".5"], 'text such as ".5"'],
    [["5."], 'text such as "5."'],
    [["-0.0"], 'text such as "-0.0"'],
    [["1,5"], "decimal commas or grouped digits"],
    [["1.234,5"], "decimal commas or grouped digits"],
    [["$5"], "currency or percent signs"],
    [["5%"], "currency or percent signs"],
    [["1e5"], "exponents, which may be codes"],
    [["NaN"], 'text such as "NaN"'],
    [["TRUE"], 'text such as "TRUE"'],
    [["true", "1"], 'text such as "1"'],
    [["28.2.2026"], "dates that can be read in more than one way"],
    [["03/04/2026"], "dates that can be read in more than one way"],
    [["2026-02-30"], 'text such as "2026-02-30"'],
    [["2026-02-28T24:00:00"], 'text such as "2026-02-28T24:00:00"'],
    [["2026-02-28T09:30:00.1234567"], 'text such as "2026-02-28T09:30:00.1234567"'],
    [
      ["2026-02-28T09:30:00", "2026-02-28T09:30:00Z"],
      "times mixed with other values, or with and without zone",
    ],
    [["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"], 'text such as "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD…"'],
    [["1", "forty"], 'text such as "forty"'],
    [["", ""], "no values in the sample"],
    [[], "no values in the sample"],
  ])("leaves %j text because of %s", (values, reason) => {
    expect(infer(values)).toEqual({ type: "text", reason });
  });

  it("keeps a column text whose quoted empty values would become null", () => {
    const inference = new TypeInference();
    inference.add("1", true);
    inference.add("", true);

    expect(inference.result(true)).toEqual({
      type: "text",
      reason: "whole numbers of up to 6 digits, but also quoted empty values",
    });
  });

  it("gives numbers that rise from row to row room for those that nobody has seen", () => {
    expect(infer(["1", "2", "9"], { isWhole: false })).toEqual({
      type: "bigint",
      reason: "whole numbers that rise from row to row",
    });
    expect(infer(["1", "2", "2"], { isWhole: false }).type).toBe("integer");
    expect(infer(["1", "2", "9"], { isWhole: true }).type).toBe("integer");
  });

  it("takes quoted values like any others", () => {
    expect(infer(["1", "2"], { isQuoted: true })).toEqual({
      type: "integer",
      reason: "whole numbers of up to 6 digits",
    });
  });
});
