/** `sluice completion`. */
import { SluiceError } from "../../core/errors.ts";
import type { Command } from "../command.ts";
import { bashScript } from "../completion/bash.ts";
import { fishScript } from "../completion/fish.ts";
import { completionOf, type Completion } from "../completion/model.ts";
import { zshScript } from "../completion/zsh.ts";
import { EXIT } from "../exit-codes.ts";

const SCRIPTS: Readonly<Record<string, (completion: Completion) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/**
 * Prints the script by which a shell completes commands, flags and their values. `listCommands` gives the table of
 * commands, of which this one is a part, and what `sluice` alone does.
 */
export function completionCommandOf(
  listCommands: () => { readonly commands: readonly Command[]; readonly usual: Command },
): Command {
  return {
    name: "completion",
    usage: "SHELL",
    summary: "the script by which bash, zsh or fish completes sluice",
    argumentCount: { least: 1, most: 1 },
    flags: {},
    notes: [
      '  eval "$(sluice completion bash)"                       # in ~/.bashrc',
      '  eval "$(sluice completion zsh)"                        # in ~/.zshrc, after compinit',
      "  sluice completion fish | source                        # in ~/.config/fish/config.fish",
    ],
    run: ({ args, output, isJson }) => {
      const shells = Object.keys(SCRIPTS);
      const write = SCRIPTS[args[0] ?? ""];
      if (write === undefined)
        throw new SluiceError(
          "usage",
          `Expected bash, zsh or fish, got ${JSON.stringify(args[0] ?? "")}.`,
        );
      const { commands, usual } = listCommands();
      const script = write(completionOf(commands, usual, shells));
      output.print(isJson ? JSON.stringify({ shell: args[0], script }) : script.trimEnd());
      return Promise.resolve(EXIT.done);
    },
  };
}
