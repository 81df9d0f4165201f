// Runs before anything is painted, so that no page flashes in the other theme. `src/theme.ts` changes it later.
{
  let chosen = null;
  try {
    chosen = localStorage.getItem("sluice.theme");
  } catch {
    // A browser that keeps nothing follows the system.
  }
  const isDark =
    chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
}
