/** The dashboard hides what is typed for the params that the service masks. It imports nothing of `src`, so a test compares. */
import { expect, test } from "vitest";
import { isSecretName as isMasked } from "../../src/core/secret-params.ts";
import { isSecretName as isHidden } from "../../dashboard/src/processes/params.ts";

test.each([
  "password",
  "dbPwd",
  "apiToken",
  "api_key",
  "accessKey",
  "client-secret",
  "tokens",
  "Authorization",
  "credentials",
  "basic_auth",
  "key",
  "country",
  "author",
  "sortKey",
  "pass",
  "smtpPass",
  "SMTP_PASS",
  "bypass",
])("%s is a secret for both or for none", (name) => {
  expect(isHidden(name)).toBe(isMasked(name));
});
