/**
 * Completion for bash, 3.2 or newer, without the package bash-completion. Readline cuts words at `=` and `:` too: the script
 * looks for the command in the line as it was typed, and knows `--flag=value` for three words.
 */
import { spellings, type Completion, type Offer, type OfferedFlag } from "./model.ts";

/** The script, for `eval "$(sluice completion bash)"`. */
export function bashScript({ commands, global, usual }: Completion): string {
  const valued = global.filter(({ value }) => value !== null).flatMap(spellings);
  return `# Completion of sluice for bash: eval "$(sluice completion bash)"
_sluice() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" flag="\${COMP_WORDS[COMP_CWORD - 1]}" command="" flags="" i
  COMPREPLY=()
  if [ "$cur" = "=" ]; then
    cur=""
  elif [ "$flag" = "=" ]; then
    flag="\${COMP_WORDS[COMP_CWORD - 2]}"
  fi
  local line="\${COMP_LINE:0:COMP_POINT}" words
  read -ra words <<<"\${line%"$cur"}"
  for ((i = 1; i < \${#words[@]}; i++)); do
    case "\${words[i]}" in
      ${valued.join("|")}) i=$((i + 1)) ;;
      -*) ;;
      *) command="\${words[i]}"; break ;;
    esac
  done
  case "$flag" in
${valueCases(global, "    ")}
  esac
  case "$command" in
${commands
  .map(
    ({ name, flags, argument }) => `    ${name === usual ? `${name}|""` : name})
      case "$flag" in
${valueCases(flags, "        ")}
      esac
      flags="${[...flags, ...global].flatMap(spellings).join(" ")}"
      if [[ "$cur" != -* && -n "$command" ]]; then ${offered(argument)}; return; fi ;;`,
  )
  .join("\n")}
    *) return ;;
  esac
  if [[ "$cur" = -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  else
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$cur"))
  fi
}
_sluice_paths() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$2")
}
complete -F _sluice sluice
`;
}

function valueCases(flags: readonly OfferedFlag[], indent: string): string {
  const valued = flags.filter(({ value }) => value !== null);
  // A case without a branch is not valid in the oldest bash.
  if (valued.length === 0) return `${indent}"") ;;`;
  return valued
    .map((flag) => `${indent}${spellings(flag).join("|")}) ${offered(flag.offer)}; return ;;`)
    .join("\n");
}

function offered(offer: Offer): string {
  switch (offer.kind) {
    case "files":
      return '_sluice_paths -f "$cur"';
    case "folders":
      return '_sluice_paths -d "$cur"';
    case "words":
      return `COMPREPLY=($(compgen -W "${offer.words.join(" ")}" -- "$cur"))`;
    case "nothing":
      return ":";
    default:
      return offer satisfies never;
  }
}
