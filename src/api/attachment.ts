/** The header that names a download, by RFC 6266. */

/** Characters of RFC 5987 that need no percent sign, beyond letters and digits. `encodeURIComponent` leaves more. */
const NOT_PLAIN = /['()*]/g;

/**
 * `Content-Disposition` of a download. `name` may hold any character: programs that read no encoded names get one in
 * ASCII, with `_` for what cannot be said in it.
 */
export function attachment(name: string): string {
  const safe = name.replace(/\p{Cs}/gu, "\ufffd").replace(/[\p{Cc}/\\]/gu, "_");
  const plain = safe.replace(/[^\x20-\x7e]/gu, "_").replace(/["%]/g, "_");
  if (plain === safe) return `attachment; filename="${plain}"`;
  const encoded = encodeURIComponent(safe).replace(
    NOT_PLAIN,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
