import { expect, test } from "vitest";
import { userCodeEnvironment } from "./user-code-environment.ts";

test("user code sees no address and no secret of Sluice or its database", () => {
  const environment = {
    PATH: "/bin",
    TEAMS_TOKEN: "for the author",
    PAGER: "less",
    DATABASE_URL: "postgres://u:secret@h/d",
    SLUICE_TOKEN: "slu_secret",
    SLUICE_DIR: "/srv",
    PGPASSWORD: "secret",
    pghost: "h",
  };

  const seen = userCodeEnvironment(environment);

  expect(seen).toEqual({ PATH: "/bin", TEAMS_TOKEN: "for the author", PAGER: "less" });
});
