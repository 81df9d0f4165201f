/**
 * The token of this browser. A service beyond loopback asks for one: it comes with the address that the start of the
 * service prints (`#token=slu_…`), or from the person. It is taken out of the address at once, so that it is in no history and no
 * copied link.
 */
import { signal } from "@preact/signals";
import { keep, recall } from "../storage.ts";

const NAME = "token";

/** The token, or null where none is needed or known. */
export const token = signal<string | null>(null);

/** Whether the service has asked for a token, or for another one. */
export const isTokenWanted = signal(false);

/** Takes the token from the address, or from an earlier visit. */
export function openSession(): void {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given !== null) {
    keep(NAME, given);
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  token.value = given ?? recall(NAME);
}

/** Uses another token from now on. */
export function signIn(given: string): void {
  keep(NAME, given);
  token.value = given;
  isTokenWanted.value = false;
}

/** Forgets the token. */
export function signOut(): void {
  keep(NAME, null);
  token.value = null;
  isTokenWanted.value = true;
}
