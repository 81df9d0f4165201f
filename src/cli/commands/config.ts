/** `sluice config`. */
import { shownSettings } from "../../config/config.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { renderTable } from "../terminal/table.ts";

/** Lists every setting with its value and where that came from; secrets masked. */
export const configCommand: Command = {
  name: "config",
  usage: "",
  summary: "every setting, its value and where it came from",
  argumentCount: { least: 0, most: 0 },
  flags: {},
  run: async ({ output, isJson, loadConfig }) => {
    const config = await loadConfig();
    const settings = shownSettings(config);
    if (isJson) {
      output.print(JSON.stringify({ settings }));
      return EXIT.done;
    }
    const rows = settings.map(({ key, environment, value, origin }) => [
      key,
      value === null ? "–" : String(value),
      origin.name,
      environment,
    ]);
    const header = [
      { title: "SETTING" },
      { title: "VALUE", isFlexible: true },
      { title: "FROM" },
      { title: "ENVIRONMENT" },
    ];
    for (const line of renderTable(header, rows, output.resultColumns())) output.print(line);
    for (const notice of config.notices) output.note(`${output.noteStyle("warn", "!")} ${notice}`);
    return EXIT.done;
  },
};
