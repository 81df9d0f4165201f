/**
 * Keys. Single keys do nothing while a person types or a dialog is open, and can be turned off; Ctrl or Cmd with K works
 * always.
 */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { keep, recall } from "./storage.ts";

const CHORD_MS = 1200;

/** What a key does. */
export interface Shortcut {
  /** A key, or two after each other: `p`, `g j`. */
  readonly keys: string;
  readonly text: string;
  readonly run: () => void;
}

/** Whether single keys do something. */
export const hasShortcuts = signal(recall("shortcuts") !== "off");

/** The keys that do something on this screen, in the order in which they came. */
export const shortcuts = signal<readonly Shortcut[]>([]);

/** Turns single keys on or off, for good. */
export function setShortcuts(isOn: boolean): void {
  hasShortcuts.value = isOn;
  keep("shortcuts", isOn ? null : "off");
}

/** Keys of a part of the page, as long as it is shown. */
export function useShortcuts(own: readonly Shortcut[], of: readonly unknown[]): void {
  useEffect(() => {
    shortcuts.value = [...shortcuts.peek(), ...own];
    return () => {
      shortcuts.value = shortcuts.peek().filter((shortcut) => !own.includes(shortcut));
    };
    // The keys are made anew with every drawing; `of` says when they do something else.
  }, of);
}

/** Listens to keys for as long as the page lives. `openSearch` is what Ctrl or Cmd with K does. */
export function watchKeys(openSearch: () => void): void {
  let first = "";
  let firstAt = 0;
  addEventListener("keydown", (event) => {
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openSearch();
      return;
    }
    if (!hasShortcuts.value || event.metaKey || event.ctrlKey || event.altKey) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]") !== null) return;
    const chord = event.timeStamp - firstAt < CHORD_MS ? `${first} ${event.key}` : event.key;
    const found = findShortcut(chord) ?? findShortcut(event.key);
    first = event.key;
    firstAt = event.timeStamp;
    if (found === undefined) return;
    first = "";
    event.preventDefault();
    found.run();
  });
}

function findShortcut(keys: string): Shortcut | undefined {
  // The newest is that of the innermost part.
  return shortcuts.value.findLast((shortcut) => shortcut.keys === keys);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const isText =
    target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type);
  return isText || target.matches("textarea, select, [contenteditable]");
}
