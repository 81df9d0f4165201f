import { expect, test } from "vitest";
import { attachment } from "./attachment.ts";

test.each([
  ["people-rejected.csv", 'attachment; filename="people-rejected.csv"'],
  [
    "Müller's (2).csv",
    `attachment; filename="M_ller's (2).csv"; filename*=UTF-8''M%C3%BCller%27s%20%282%29.csv`,
  ],
  ['a"b%20.csv', `attachment; filename="a_b_20.csv"; filename*=UTF-8''a%22b%2520.csv`],
  ["x\r\nSet-Cookie: y/z\\.csv", 'attachment; filename="x__Set-Cookie: y_z_.csv"'],
  ["😀\ud800.csv", `attachment; filename="__.csv"; filename*=UTF-8''%F0%9F%98%80%EF%BF%BD.csv`],
])("names %j so that every program can save it", (name, header) => {
  expect(attachment(name)).toBe(header);
});
