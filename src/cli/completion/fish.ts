/** Completion for fish, 3.0 or newer. */
import type { Completion, Offer, OfferedFlag } from "./model.ts";

/** The script, for `sluice completion fish | source`. */
export function fishScript({ commands, global, usual }: Completion): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `# Completion of sluice for fish: sluice completion fish > ~/.config/fish/completions/sluice.fish
set -l commands ${names}
complete -c sluice -f
${commands
  .map(
    ({ name, summary }) =>
      `complete -c sluice -n "not __fish_seen_subcommand_from $commands" -a ${name} -d ${quoted(summary)}`,
  )
  .join("\n")}
${global.map((flag) => flagLine(flag, null)).join("\n")}
${commands
  .flatMap(({ name, flags, argument }) => {
    const condition =
      name === usual
        ? `__fish_seen_subcommand_from ${name}; or not __fish_seen_subcommand_from $commands`
        : `__fish_seen_subcommand_from ${name}`;
    return [
      ...flags.map((flag) => flagLine(flag, condition)),
      ...argumentLines(argument, `__fish_seen_subcommand_from ${name}`),
    ];
  })
  .join("\n")}
`;
}

function flagLine(
  { name, short, description, value, offer }: OfferedFlag,
  when: string | null,
): string {
  return [
    "complete -c sluice",
    when === null ? "" : `-n "${when}"`,
    `-l ${name}`,
    short === null ? "" : `-s ${short}`,
    value === null ? "" : valueOf(offer),
    `-d ${quoted(description)}`,
  ]
    .filter((word) => word !== "")
    .join(" ");
}

function valueOf(offer: Offer): string {
  switch (offer.kind) {
    case "files":
      return "-r -F";
    case "folders":
      return "-x -a '(__fish_complete_directories)'";
    case "words":
      return `-x -a ${quoted(offer.words.join(" "))}`;
    case "nothing":
      return "-x";
    default:
      return offer satisfies never;
  }
}

function argumentLines(offer: Offer, when: string): readonly string[] {
  if (offer.kind === "files") return [`complete -c sluice -n "${when}" -F`];
  return offer.kind === "words"
    ? [`complete -c sluice -n "${when}" -a ${quoted(offer.words.join(" "))}`]
    : [];
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
