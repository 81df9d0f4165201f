/** Types with values near the border of what they take. */
import fc from "fast-check";

/** Values near the border of what a type takes. */
export interface TypeCase {
  readonly sqlType: string;
  /** A type that would hold the value unrounded and uncut. */
  readonly wide: string;
  readonly values: fc.Arbitrary<string>;
  /** What Sluice refuses and PostgreSQL takes, on purpose. */
  readonly stricter: readonly RegExp[];
}

const SPACES = /^\s|\s$/;
const OTHER_NOTATION = /^[+-]?0[xob]|_/i;
const NUMBER_WORDS = /^[+-]?(nan|inf|infinity)$/i;
const NOT_ISO_TIME =
  /^(?!\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d(:\d\d)?)?$)|[ T]24:|:60/;
const HAS_ZONE = /(Z|[+-]\d\d(:\d\d)?)$/;

const whole = fc.oneof(
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
  fc
    .constantFrom(2n ** 15n, 2n ** 31n, 2n ** 63n)
    .chain((limit) =>
      fc
        .bigInt({ min: -limit - 2n, max: -limit + 2n })
        .chain((low) => fc.constantFrom(String(low), String(-low), `+${-low}`)),
    ),
  fc.stringMatching(/^[+-]?[0-9_ x.e]{0,9}$/),
  fc.constantFrom("0x1F", "0b1", "0o7", "1_000", " 1", "1 ", "", "+", "007", "-0", "1e3", "١"),
);
const decimal = fc.oneof(
  whole,
  fc.stringMatching(/^[+-]?\d{0,6}\.?\d{0,6}$/),
  fc.stringMatching(/^-?0\.00\d{1,4}$/),
  fc.stringMatching(/^-?\d{1,5}00$/),
  fc.stringMatching(/^[+-]?\d{1,4}\.?\d{0,4}[eE][+-]?\d{1,4}$/),
  fc.double().map(String),
  fc.constantFrom("NaN", "nan", "Infinity", "-Infinity", "inf", "+Infinity", ".", "1e", "1,5"),
  fc.constantFrom("1e131071", "1e131072", "1e-16383", "1e-16384", "999.995", "1e400", "1e-400"),
);
const twoDigits = (max: number) => fc.nat(max).map((value) => String(value).padStart(2, "0"));
const day = fc
  .tuple(fc.integer({ min: 0, max: 10_010 }), twoDigits(13), twoDigits(32))
  .map(([year, month, date]) => `${String(year).padStart(4, "0")}-${month}-${date}`);
const realTime = fc
  .date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, -1));
const clock = fc
  .tuple(twoDigits(25), twoDigits(61), twoDigits(61), fc.stringMatching(/^(\.\d{0,7})?$/))
  .map(([hour, minute, second, fraction]) => `${hour}:${minute}:${second}${fraction}`);
const zone = fc.oneof(
  fc.constantFrom("", "Z", "z", " UTC", "+0530", "+5"),
  fc.tuple(fc.constantFrom("+", "-"), twoDigits(17)).map((parts) => parts.join("")),
  fc
    .tuple(fc.constantFrom("+", "-"), twoDigits(16), twoDigits(60))
    .map(([sign, hours, minutes]) => `${sign}${hours}:${minutes}`),
);
const dateWords = fc.constantFrom("today", "infinity", "epoch", "2026-02-28 BC", "20260228", "");
const dates = fc.oneof(
  day,
  realTime.map((time) => time.slice(0, 10)),
  dateWords,
  fc.constantFrom("2026/02/28", "28.2.2026", " 2026-02-28"),
);
const times = fc.oneof(
  realTime,
  realTime.map((time) => time.slice(0, -4)),
  fc
    .tuple(realTime, fc.constantFrom("Z", "+01", "-05:30", "+15:59"))
    .map((parts) => parts.join("")),
  fc.tuple(day, fc.constantFrom("T", " ", "t"), clock, zone).map((parts) => parts.join("")),
  dates,
);
/** What the server can be sent as a text at all. */
export const isStorable = (text: string): boolean => !/[\0\p{Surrogate}]/u.test(text);
const someText = fc
  .oneof(fc.string({ unit: "grapheme", maxLength: 6 }), fc.string({ maxLength: 6 }))
  .filter(isStorable);

/** Every type that Sluice checks. */
export const TYPE_CASES: readonly TypeCase[] = [
  ...["smallint", "integer", "bigint"].map((sqlType) => ({
    sqlType,
    wide: "numeric",
    values: whole,
    stricter: [SPACES, OTHER_NOTATION],
  })),
  ...["numeric", "numeric(5,2)", "numeric(3,-2)", "numeric(3,5)"].map((sqlType) => ({
    sqlType,
    wide: "numeric",
    values: decimal,
    stricter: [SPACES, OTHER_NOTATION, NUMBER_WORDS],
  })),
  ...["real", "double precision"].map((sqlType) => ({
    sqlType,
    wide: sqlType,
    values: decimal,
    stricter: [SPACES, OTHER_NOTATION, NUMBER_WORDS],
  })),
  {
    sqlType: "boolean",
    wide: "boolean",
    values: fc.oneof(
      fc.constantFrom("true", "FALSE", "t", "f", "yes", "no", "y", "N", "on", "off", "1", "0"),
      fc.constantFrom("tr", "tru", "ye", "of", "fals", " t", "2", "o", "oui"),
      someText,
    ),
    stricter: [SPACES, /^(tru?|fals?|fa|ye|of)$/i],
  },
  { sqlType: "date", wide: "date", values: dates, stricter: [/^(?!\d{4}-\d\d-\d\d$)/] },
  ...["timestamp", "timestamp(0)", "timestamp(3)"].map((sqlType) => ({
    sqlType,
    wide: "timestamp",
    values: times,
    stricter: [NOT_ISO_TIME, HAS_ZONE],
  })),
  ...["timestamptz", "timestamptz(3)"].map((sqlType) => ({
    sqlType,
    wide: "timestamptz",
    values: times,
    stricter: [NOT_ISO_TIME, /:\d\d(\.\d+)?$/],
  })),
  ...["time", "time(2)"].map((sqlType) => ({
    sqlType,
    wide: "time",
    values: fc.oneof(
      clock,
      fc.tuple(clock, zone).map((parts) => parts.join("")),
      dateWords,
    ),
    stricter: [/^(?!\d\d:\d\d(:\d\d(\.\d{1,6})?)?$)|^24|:60/],
  })),
  {
    sqlType: "uuid",
    wide: "uuid",
    values: fc.oneof(
      fc.uuid(),
      fc.uuid().map((id) => id.toUpperCase()),
      fc.uuid().map((id) => `{${id}}`),
      fc.uuid().map((id) => id.replaceAll("-", "")),
      fc.uuid().map((id) => id.slice(1)),
      fc.uuid().map((id) => id.replace(/[0-9]/, "g")),
    ),
    stricter: [/^\{/, /^[0-9a-f]{32}$/i],
  },
  {
    sqlType: "json",
    wide: "json",
    values: fc.oneof(
      fc.json(),
      fc.json().map((json) => json.slice(0, -1)),
      fc.constantFrom("{a:1}", "'x'", "1.", ".1", "01", "+1", "-", "[1,]", '"\\x"', '"\\u00g0"'),
      someText,
    ),
    stricter: [],
  },
  ...["varchar(3)", "char(3)", "text", "name"].map((sqlType) => ({
    sqlType,
    wide: sqlType === "char(3)" ? "char(30)" : "text",
    values:
      sqlType === "name"
        ? fc.string({ unit: "grapheme", maxLength: 70 }).filter(isStorable)
        : someText,
    stricter: [/^.{3}.* $/su],
  })),
];
