import { expect, test } from "vitest";
import { senderName } from "./sender-name.ts";

test.each([
  ["people.csv", "people.csv"],
  ["/etc/passwd", "passwd"],
  ["..\\..\\windows\\people.csv", "people.csv"],
  ["..", "upload.csv"],
  [".", "upload.csv"],
  ["", "upload.csv"],
  [undefined, "upload.csv"],
  [" \t\r\n\0 ", "upload.csv"],
  ["folder/", "upload.csv"],
  ["a\u0007b\u009f.csv", "ab.csv"],
  ["\u202egnp.csv", "gnp.csv"],
  ["<img src=x>.csv", "<img src=x>.csv"],
  [".htaccess", ".htaccess"],
])("of %j the name %j is kept", (sent, kept) => {
  expect(senderName(sent)).toBe(kept);
});

test("a long name is cut after 255 characters, none of them in half", () => {
  const name = senderName("😀".repeat(300));

  expect(Array.from(name)).toHaveLength(255);
  expect(() => encodeURIComponent(name)).not.toThrow();
});
