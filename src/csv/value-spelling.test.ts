import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ColumnType, ValueSpelling } from "../core/import-plan.ts";
import { makeCellCheck } from "./cell-check.ts";
import { respellingRoom } from "./number-spelling.ts";
import { readCatalogType } from "./sql-type.ts";
import { makeRespelling } from "./value-spelling.ts";

/** What PostgreSQL is given for a value, or the code that refuses it. */
function written(sqlType: ColumnType, spelling: ValueSpelling, value: string): string {
  const type = readCatalogType(sqlType);
  const bytes = new TextEncoder().encode(`9${value}9`);
  const into = new Uint8Array(respellingRoom(bytes.length));
  const respelling = makeRespelling(type, spelling);
  if (respelling === null) throw new Error(`${sqlType} has no spelling`);
  const length = respelling.respell(bytes, 1, bytes.length - 1, into);
  if (length < 0) return respelling.misfit;
  return makeCellCheck(type)(into, 0, length) ?? new TextDecoder().decode(into.subarray(0, length));
}

describe("numbers", () => {
  const GERMAN = { decimal: ",", group: "." } as const;

  it.each<[ColumnType, ValueSpelling, string, string]>([
    ["numeric", GERMAN, "1,5", "1.5"],
    ["numeric", GERMAN, "-1.234.567,89", "-1234567.89"],
    ["numeric", GERMAN, "1234,5", "1234.5"],
    ["numeric", GERMAN, "1.5", "invalid_number"],
    ["numeric", GERMAN, "1.23,4", "invalid_number"],
    ["numeric", GERMAN, "1234.567,8", "invalid_number"],
    ["numeric", GERMAN, "1,234.5", "invalid_number"],
    ["numeric", GERMAN, ".123", "invalid_number"],
    ["numeric", GERMAN, "1,5,6", "invalid_number"],
    ["numeric", GERMAN, "NaN", "NaN"],
    ["numeric", GERMAN, "1,5e3", "1.5e3"],
    ["numeric", { decimal: "," }, "1.234", "invalid_number"],
    ["numeric", { group: "," }, "1,234.5", "1234.5"],
    ["double precision", { group: "'" }, "1’234’567.5", "1234567.5"],
    ["integer", { group: " " }, "1\u00a0234", "1234"],
    ["integer", { group: " " }, "1\u202f234", "1234"],
    ["bigint", { group: "." }, "1.234", "1234"],
    ["integer", GERMAN, "1,5", "invalid_integer"],
    ["integer", GERMAN, "12.34", "invalid_integer"],
    ["integer", GERMAN, "forty", "invalid_integer"],
  ])("%s as %j of %j is %s", (type, spelling, value, expected) => {
    expect(written(type, spelling, value)).toBe(expected);
  });

  it("reads what a locale writes", () => {
    const cents = fc.integer({ min: -99_999_999_999, max: 99_999_999_999 });
    const german = new Intl.NumberFormat("de-DE", { minimumFractionDigits: 2 });
    fc.assert(
      fc.property(cents, (value) => {
        const text = german.format(value / 100);
        expect(Number(written("numeric", GERMAN, text))).toBe(value / 100);
      }),
    );
  });
});

describe("dates", () => {
  it.each<[ColumnType, string, string, string]>([
    ["date", "DD.MM.YYYY", "28.02.2026", "2026-02-28"],
    ["date", "DD.MM.YYYY", "8.2.2026", "invalid_date"],
    ["date", "D.M.YYYY", "8.2.2026", "2026-02-08"],
    ["date", "M/D/YYYY", "12/31/1999", "1999-12-31"],
    ["date", "M/D/YYYY", "31/12/1999", "invalid_date"],
    ["date", "DD.MM.YYYY", "31.02.2020", "invalid_date"],
    ["date", "DD.MM.YYYY", "28.02.26", "invalid_date"],
    ["date", "DD.MM.YYYY", "28.02.2026 ", "invalid_date"],
    ["date", "dd/mm/yyyy", "28/02/2026", "2026-02-28"],
    ["date", "D MMM YYYY", "8 feb 2026", "2026-02-08"],
    ["date", "MMMM D, YYYY", "February 8, 2026", "2026-02-08"],
    ["date", "D MMM YYYY", "8 Feby 2026", "invalid_date"],
    ["date", "YYYYMMDD", "20260228", "2026-02-28"],
    ["timestamp", "DD.MM.YYYY HH:mm", "28.02.2026 09:30", "2026-02-28 09:30:00"],
    ["timestamp", "DD.MM.YYYY HH:mm", "28.02.2026 24:00", "invalid_timestamp"],
    ["timestamp", "M/D/YYYY h:mm A", "2/8/2026 12:05 am", "2026-02-08 00:05:00"],
    ["timestamp", "M/D/YYYY h:mm A", "2/8/2026 12:05 PM", "2026-02-08 12:05:00"],
    ["timestamp", "M/D/YYYY h:mm A", "2/8/2026 13:05 PM", "invalid_timestamp"],
    ["timestamp", "YYYY/MM/DD HH:mm:ss.SSS", "2026/02/28 09:30:01.125", "2026-02-28 09:30:01.125"],
  ])("%s as %s of %j is %s", (type, dateFormat, value, expected) => {
    expect(written(type, { dateFormat }, value)).toBe(expected);
  });
});

describe("zones", () => {
  it.each([
    ["Europe/Berlin", "2026-02-28T09:30:00", "2026-02-28T09:30:00+01:00"],
    ["Europe/Berlin", "2026-07-01 09:30:00.25", "2026-07-01 09:30:00.25+02:00"],
    ["Europe/Berlin", "2026-07-01T09:30:00Z", "2026-07-01T09:30:00Z"],
    ["Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T01:59:59+01:00"],
    ["Europe/Berlin", "2026-03-29T02:30:00", "invalid_timestamp"],
    ["Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T03:00:00+02:00"],
    ["Europe/Berlin", "2026-10-25T02:30:00", "invalid_timestamp"],
    ["Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T03:00:00+01:00"],
    ["Europe/Berlin", "1850-01-01T00:00:00", "1849-12-31T23:59:32+00:53"],
    ["Europe/Berlin", "0001-01-02T00:00:00", "0001-01-01T23:59:32+00:53"],
    ["America/St_Johns", "2026-01-01T00:00:00", "2026-01-01T00:00:00-03:30"],
    ["-03:30", "2026-01-01T00:00:00", "2026-01-01T00:00:00-03:30"],
    ["UTC", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00"],
    ["UTC", "2026-01-01T24:00:00", "invalid_timestamp"],
    ["UTC", "today", "invalid_timestamp"],
  ])("in %s %j is %s", (timeZone, value, expected) => {
    expect(written("timestamptz", { timeZone }, value)).toBe(expected);
  });
});
