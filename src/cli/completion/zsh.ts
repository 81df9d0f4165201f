/** Completion for zsh: a function for `_arguments`, as a file `_sluice` of `$fpath` or evaluated after `compinit`. */
import { spellings, type Completion, type Offer, type OfferedFlag } from "./model.ts";

/** The script. */
export function zshScript({ commands, global, usual }: Completion): string {
  const usualFlags = commands.find(({ name }) => name === usual)?.flags ?? [];
  return `#compdef sluice
# Completion of sluice for zsh: sluice completion zsh > a folder of $fpath, as _sluice
_sluice() {
  local curcontext="$curcontext" state line
  local -a global commands
  typeset -A opt_args
  global=(
${argumentsOf(global, "    ")}
  )
  commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join("\n")}
  )
  _arguments -C $global \\
${usualFlags.map((flag) => `    ${specOf(flag)} \\`).join("\n")}
    '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
${commands
  .map(
    ({ name, flags, argument }) => `        ${name})
          _arguments ${["$global", ...flags.map(specOf), ...argumentSpec(argument)].join(" \\\n            ")} ;;`,
  )
  .join("\n")}
      esac ;;
  esac
}
if [ "$funcstack[1]" = "_sluice" ]; then _sluice "$@"; else compdef _sluice sluice; fi
`;
}

function argumentsOf(flags: readonly OfferedFlag[], indent: string): string {
  return flags.map((flag) => `${indent}${specOf(flag)}`).join("\n");
}

function specOf(flag: OfferedFlag): string {
  const description = flag.description.replaceAll(/[[\]:\\]/g, String.raw`\$&`);
  const value =
    flag.value === null ? "" : `:${flag.value.replaceAll(/[:\\"]/g, "")}:${actionOf(flag.offer)}`;
  const names = spellings(flag);
  return names
    .map((name) =>
      quoted(`(${names.join(" ")})${name}${nameEnd(flag, name)}[${description}]${value}`),
    )
    .join(" ");
}

/** `--flag=value` and `--flag value` are both taken; a short one has its value behind it. */
function nameEnd({ value }: OfferedFlag, name: string): string {
  if (value === null) return "";
  return name.startsWith("--") ? "=" : "+";
}

/** An argument without an offer is left out: zsh would then insert no flag that is the only one to fit. */
function argumentSpec(offer: Offer): readonly string[] {
  return offer.kind === "nothing" ? [] : [quoted(`*:argument:${actionOf(offer)}`)];
}

function actionOf(offer: Offer): string {
  switch (offer.kind) {
    case "files":
      return "_files";
    case "folders":
      return "_files -/";
    case "words":
      return `(${offer.words.join(" ")})`;
    case "nothing":
      return " ";
    default:
      return offer satisfies never;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
