/** Names that senders give to files: shown to people, never used as a path. */

const MAX_NAME_LENGTH = 255;
const NAMELESS = "upload.csv";
/** Control characters, and characters that turn the direction of text and could disguise an ending. */
const UNSHOWABLE = /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/**
 * The last part of a path as the sender sent it, without characters that cannot be shown, at most 255 characters
 * long. `upload.csv` when nothing is left.
 */
export function senderName(name: string | undefined): string {
  const last = (name ?? "").split(/[/\\]/).at(-1) ?? "";
  const shown = last.replaceAll(UNSHOWABLE, "").trim();
  const short = Array.from(shown).slice(0, MAX_NAME_LENGTH).join("");
  return short === "" || short === "." || short === ".." ? NAMELESS : short;
}
