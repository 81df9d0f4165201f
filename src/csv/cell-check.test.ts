import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeCellCheck } from "./cell-check.ts";
import { readCatalogType } from "./sql-type.ts";

/** The verdict on a value, which is checked in the middle of other bytes. */
function verdict(sqlType: string, value: string): string {
  const bytes = new TextEncoder().encode(`9${value}9`);
  return makeCellCheck(readCatalogType(sqlType))(bytes, 1, bytes.length - 1) ?? "taken";
}

const ZEROS = "0".repeat(16_384);

describe("integers", () => {
  it.each([
    ["integer", "0", "taken"],
    ["integer", "-0", "taken"],
    ["integer", "+7", "taken"],
    ["integer", "007", "taken"],
    ["integer", "2147483647", "taken"],
    ["integer", "2147483648", "out_of_range"],
    ["integer", "-2147483648", "taken"],
    ["integer", "-2147483649", "out_of_range"],
    ["integer", "-21474836480", "out_of_range"],
    ["integer", "99999999999999999999", "out_of_range"],
    ["smallint", "32767", "taken"],
    ["smallint", "32768", "out_of_range"],
    ["smallint", "-32768", "taken"],
    ["smallint", "-327680", "out_of_range"],
    ["bigint", "9223372036854775807", "taken"],
    ["bigint", "9223372036854775808", "out_of_range"],
    ["bigint", "-9223372036854775808", "taken"],
    ["bigint", "-9223372036854775809", "out_of_range"],
    ["bigint", "0000000000000000000000009", "taken"],
    ["bigint", "10000000000000000000", "out_of_range"],
    ["bigint", "-", "invalid_integer"],
    ["bigint", "1e3", "invalid_integer"],
    ["integer", "forty", "invalid_integer"],
    ["integer", "12.5", "invalid_integer"],
    ["integer", " 1", "invalid_integer"],
    ["integer", "1 ", "invalid_integer"],
    ["integer", "1_000", "invalid_integer"],
    ["integer", "0x1F", "invalid_integer"],
    ["integer", "+", "invalid_integer"],
    ["integer", "--1", "invalid_integer"],
    ["integer", "١", "invalid_integer"],
  ])("%s of %j is %s", (sqlType, value, expected) => {
    expect(verdict(sqlType, value)).toBe(expected);
  });

  it.each([
    ["smallint", 2n ** 15n],
    ["integer", 2n ** 31n],
    ["bigint", 2n ** 63n],
  ] as const)("%s takes exactly the numbers of its range", (sqlType, limit) => {
    const near = fc.bigInt({ min: -limit * 2n, max: limit * 2n });
    fc.assert(
      fc.property(near, (value) => {
        const isIn = value >= -limit && value < limit;
        expect(verdict(sqlType, String(value))).toBe(isIn ? "taken" : "out_of_range");
      }),
    );
  });
});

describe("numbers", () => {
  it.each([
    ["numeric", "0.50", "taken"],
    ["numeric", ".5", "taken"],
    ["numeric", "5.", "taken"],
    ["numeric", "-1e5", "taken"],
    ["numeric", "NaN", "taken"],
    ["numeric", "-Infinity", "taken"],
    ["numeric", "nan", "invalid_number"],
    ["numeric", "1e131071", "taken"],
    ["numeric", "1e131072", "out_of_range"],
    ["numeric", "1e-16383", "taken"],
    ["numeric", "1e-16384", "out_of_range"],
    ["numeric", `0.${ZEROS}`, "out_of_range"],
    ["numeric", "1e99999999999", "out_of_range"],
    ["numeric", "", "invalid_number"],
    ["numeric", ".", "invalid_number"],
    ["numeric", "-.", "invalid_number"],
    ["numeric", "1e", "invalid_number"],
    ["numeric", "1e+", "invalid_number"],
    ["numeric", "1e1.5", "invalid_number"],
    ["numeric", "e5", "invalid_number"],
    ["numeric", "1,5", "invalid_number"],
    ["numeric", "1.2.3", "invalid_number"],
    ["numeric", "0x1F", "invalid_number"],
    ["numeric", "1 ", "invalid_number"],
    ["numeric(5,2)", "999.99", "taken"],
    ["numeric(5,2)", "1.230", "taken"],
    ["numeric(5,2)", "00001.5", "taken"],
    ["numeric(5,2)", "1.239", "too_precise"],
    ["numeric(5,2)", "999.995", "too_precise"],
    ["numeric(5,2)", "1000", "out_of_range"],
    ["numeric(5,2)", "1e3", "out_of_range"],
    ["numeric(5,2)", "5e-3", "too_precise"],
    ["numeric(5,2)", "1000e-1", "taken"],
    ["numeric(5,2)", "NaN", "taken"],
    ["numeric(5,2)", "Infinity", "out_of_range"],
    ["numeric(3,0)", "0.5", "too_precise"],
    ["numeric(3,-2)", "12300", "taken"],
    ["numeric(3,-2)", "12340", "too_precise"],
    ["numeric(3,5)", "0.00999", "taken"],
    ["numeric(3,5)", "0.01", "out_of_range"],
    ["double precision", "1e308", "taken"],
    ["double precision", "-1e309", "out_of_range"],
    ["double precision", "1e400", "out_of_range"],
    ["double precision", "4.9e-324", "taken"],
    ["double precision", "1e-400", "out_of_range"],
    ["double precision", "0e-400", "taken"],
    ["double precision", "Infinity", "taken"],
    ["double precision", "inf", "invalid_number"],
    ["real", "3.4e38", "taken"],
    ["real", "3.5e38", "out_of_range"],
    ["real", "1e-46", "out_of_range"],
  ])("%s of %.20s is %s", (sqlType, value, expected) => {
    expect(verdict(sqlType, value)).toBe(expected);
  });

  it("numeric(p,s) takes a number exactly when no digit is lost", () => {
    const digits = fc.integer({ min: -99_999_999, max: 99_999_999 });
    fc.assert(
      fc.property(digits, fc.integer({ min: -4, max: 6 }), (mantissa, places) => {
        // value = mantissa × 10^-places; numeric(6,2) holds |value| below 10^4 in hundredths
        const hundredths = places <= 2 ? BigInt(mantissa) * 10n ** BigInt(2 - places) : null;
        const divisor = 10n ** BigInt(Math.max(0, places - 2));
        const isExact = hundredths !== null || BigInt(mantissa) % divisor === 0n;
        const scaled = hundredths ?? BigInt(mantissa) / divisor;
        const isIn = scaled > -1_000_000n && scaled < 1_000_000n;
        const expected = !isIn ? "out_of_range" : isExact ? "taken" : "too_precise";

        expect(verdict("numeric(6,2)", `${mantissa}e${-places}`)).toBe(expected);
      }),
    );
  });
});

describe("times", () => {
  it.each([
    ["date", "2026-02-28", "taken"],
    ["date", "2024-02-29", "taken"],
    ["date", "2000-02-29", "taken"],
    ["date", "1900-02-29", "invalid_date"],
    ["date", "2023-02-29", "invalid_date"],
    ["date", "0001-01-01", "taken"],
    ["date", "0000-01-01", "invalid_date"],
    ["date", "9999-12-31", "taken"],
    ["date", "10000-01-01", "invalid_date"],
    ["date", "2026-13-01", "invalid_date"],
    ["date", "2026-00-01", "invalid_date"],
    ["date", "2026-01-00", "invalid_date"],
    ["date", "2026-04-31", "invalid_date"],
    ["date", "31.02.2020", "invalid_date"],
    ["date", "today", "invalid_date"],
    ["date", "2026/02/28", "invalid_date"],
    ["timestamp", "2026-02-28T09:30:00", "taken"],
    ["timestamp", "2026-02-28 23:59:59.123456", "taken"],
    ["timestamp", "2026-02-28T24:00:00", "invalid_timestamp"],
    ["timestamp", "2026-02-28T23:60:00", "invalid_timestamp"],
    ["timestamp", "2026-02-28T23:59:60", "invalid_timestamp"],
    ["timestamp", "2026-02-28T09:30:00.1234567", "invalid_timestamp"],
    ["timestamp", "2026-02-28T09:30:00.", "invalid_timestamp"],
    ["timestamp", "2026-02-28T09:30:00Z", "invalid_timestamp"],
    ["timestamp", "2026-02-28t09:30:00", "invalid_timestamp"],
    ["timestamp", "2026-02-28T09:30", "invalid_timestamp"],
    ["timestamp", "2026-02-30T09:30:00", "invalid_timestamp"],
    ["timestamp(3) without time zone", "2026-02-28T09:30:00.123000", "taken"],
    ["timestamp(3) without time zone", "2026-02-28T09:30:00.1234", "too_precise"],
    ["timestamp(0) with time zone", "2026-02-28T09:30:00.5Z", "too_precise"],
    ["timestamptz", "2026-02-28T09:30:00Z", "taken"],
    ["timestamptz", "2026-02-28T09:30:00.5+15:59", "taken"],
    ["timestamptz", "2026-02-28 09:30:00-15", "taken"],
    ["timestamptz", "2026-02-28T09:30:00+16", "invalid_timestamp"],
    ["timestamptz", "2026-02-28T09:30:00+05:60", "invalid_timestamp"],
    ["timestamptz", "2026-02-28T09:30:00+0530", "invalid_timestamp"],
    ["timestamptz", "2026-02-28T09:30:00z", "invalid_timestamp"],
    ["timestamptz", "2026-02-28T09:30:00Zx", "invalid_timestamp"],
    ["timestamptz", "2026-02-28T09:30:00", "invalid_timestamp"],
    ["timestamptz", "2026-02-28T09:30:00*05", "invalid_timestamp"],
  ])("%s of %j is %s", (sqlType, value, expected) => {
    expect(verdict(sqlType, value)).toBe(expected);
  });

  it("takes every day of the calendar and no other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9999 }), fc.nat(13), fc.nat(32), (year, month, day) => {
        const value = [String(year).padStart(4, "0"), month, day]
          .map((part) => String(part).padStart(2, "0"))
          .join("-");
        const date = new Date(`${value}T00:00:00Z`);
        const isDay = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);

        expect(verdict("date", value)).toBe(isDay ? "taken" : "invalid_date");
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the other types", () => {
  it.each(["t", "F", "true", "FALSE", "Yes", "no", "y", "N", "on", "OFF", "1", "0"])(
    "boolean takes %j",
    (value) => {
      expect(verdict("boolean", value)).toBe("taken");
    },
  );

  it.each(["of", "tr", "2", "yess", " t", "\u0054rue\u212A"])("boolean refuses %j", (value) => {
    expect(verdict("boolean", value)).toBe("invalid_boolean");
  });

  it.each([
    ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "taken"],
    ["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "taken"],
    ["a0eebc999c0b4ef8bb6d6bb9bd380a11", "invalid_uuid"],
    ["{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", "invalid_uuid"],
    ["g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "invalid_uuid"],
    ["a0eebc990-9c0b-4ef8-bb6d-6bb9bd380a1", "invalid_uuid"],
  ])("uuid of %j is %s", (value, expected) => {
    expect(verdict("uuid", value)).toBe(expected);
  });

  it.each([
    ["character varying(3)", "abc", "taken"],
    ["character varying(3)", "日本語", "taken"],
    ["character varying(3)", "日本語x", "too_long"],
    ["character varying(3)", "ab  ", "too_long"],
    ["character(3)", "a", "taken"],
    ["text", "a\0b", "nul_byte"],
    ["text", "\\.", "taken"],
    ["jsonb", ' {"a": [1, null]} ', "taken"],
    ["jsonb", "{a:1}", "invalid_json"],
    ["json", "\0", "invalid_json"],
    ["inet", "not looked at", "taken"],
    ["inet", "\0", "nul_byte"],
    ["name", "é".repeat(31), "taken"],
    ["name", "é".repeat(32), "too_long"],
    ["time", "09:30", "taken"],
    ["time", "23:59:59.999999", "taken"],
    ["time", "24:00:00", "invalid_timestamp"],
    ["time", "09:30:60", "invalid_timestamp"],
    ["time", "09:30Z", "invalid_timestamp"],
    ["time", "9:30", "invalid_timestamp"],
    ["time(0) without time zone", "09:30:00.5", "too_precise"],
  ])("%s of %j is %s", (sqlType, value, expected) => {
    expect(verdict(sqlType, value)).toBe(expected);
  });
});
