/** Light or dark: as the system says, until a person chooses. `public/theme.js` sets it before the first paint. */
import { signal } from "@preact/signals";
import { keep, recall } from "./storage.ts";

const CHOICES = ["system", "light", "dark"] as const;

/** What a person chose. */
export type ThemeChoice = (typeof CHOICES)[number];

const dark = matchMedia("(prefers-color-scheme: dark)");

/** The choice; `system` without one. */
export const themeChoice = signal<ThemeChoice>(
  CHOICES.find((choice) => choice === recall("theme")) ?? "system",
);

/** Whether the page is dark now. */
export const isDark = signal(document.documentElement.dataset["theme"] === "dark");

/** Takes another choice and keeps it. */
export function chooseTheme(choice: ThemeChoice): void {
  themeChoice.value = choice;
  keep("theme", choice === "system" ? null : choice);
  apply();
}

/** Takes the other theme than that which is seen. */
export function switchTheme(): void {
  chooseTheme(isDark.value ? "light" : "dark");
}

/** Follows the system, and what other tabs choose. */
export function watchTheme(): void {
  dark.addEventListener("change", apply);
  addEventListener("storage", ({ key }) => {
    if (key !== "sluice.theme") return;
    themeChoice.value = CHOICES.find((choice) => choice === recall("theme")) ?? "system";
    apply();
  });
}

function apply(): void {
  const choice = themeChoice.value;
  isDark.value = choice === "dark" || (choice === "system" && dark.matches);
  document.documentElement.dataset["theme"] = isDark.value ? "dark" : "light";
}
