/** A key for one request that creates something. `crypto.randomUUID` is missing on pages of plain http from another machine. */
export function makeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
