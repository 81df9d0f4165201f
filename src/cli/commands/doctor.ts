/** `sluice doctor`. */
import { runChecks, type Check } from "../health-checks.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";

/** Checks what Sluice needs from this machine; changes nothing. */
export const doctorCommand: Command = {
  name: "doctor",
  usage: "",
  summary: "check what Sluice needs from this machine",
  argumentCount: { least: 0, most: 0 },
  flags: {},
  run: async ({ output, isJson, loadConfig }) => {
    const checks = await runChecks(await loadConfig());
    if (isJson) output.print(JSON.stringify({ checks }));
    else
      for (const check of checks)
        output.print(
          `${output.style(MARKS[check.verdict].tone, MARKS[check.verdict].icon)} ${check.text}`,
        );
    return checks.some((check) => check.verdict === "bad") ? EXIT.failed : EXIT.done;
  },
};

const MARKS = {
  ok: { icon: "✓", tone: "ok" },
  warn: { icon: "!", tone: "warn" },
  bad: { icon: "✗", tone: "bad" },
} as const satisfies Record<Check["verdict"], unknown>;
