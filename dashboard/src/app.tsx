/** The frame of every screen, and which screen an address shows. */
import { signal } from "@preact/signals";
import { announcement } from "./announce.ts";
import { isTokenWanted } from "./api/session.ts";
import { clock } from "./clock.ts";
import { OpenQuestion } from "./jobs/questions.tsx";
import { useShortcuts } from "./keys.ts";
import { connection } from "./live/follow.ts";
import { goTo, place } from "./router.ts";
import { UploadScreen } from "./screens/import/upload-screen.tsx";
import { JobScreen } from "./screens/job/job-screen.tsx";
import { JobsScreen } from "./screens/jobs-list.tsx";
import { SearchDialog } from "./screens/search.tsx";
import { ShortcutsDialog } from "./screens/shortcuts.tsx";
import { SignIn } from "./screens/sign-in.tsx";
import { showTitle } from "./tab.ts";
import { isDark, switchTheme } from "./theme.ts";
import { lazy } from "./ui/lazy.tsx";
import { EmptyNote } from "./ui/notes.tsx";

// What is not the first thing that a person sees comes when it is wanted.
const ExportScreen = lazy(
  async () => (await import("./screens/export/export-screen.tsx")).ExportScreen,
);
const FilesScreen = lazy(async () => (await import("./screens/files.tsx")).FilesScreen);
const ImportScreen = lazy(
  async () => (await import("./screens/import/import-screen.tsx")).ImportScreen,
);
const ProcessesScreen = lazy(
  async () => (await import("./screens/processes/processes-screen.tsx")).ProcessesScreen,
);
const ProcessScreen = lazy(
  async () => (await import("./screens/processes/process-screen.tsx")).ProcessScreen,
);
const SettingsScreen = lazy(async () => (await import("./screens/settings.tsx")).SettingsScreen);

const LINKS = [
  { href: "/jobs", text: "Jobs" },
  { href: "/import", text: "Import" },
  { href: "/export", text: "Export" },
  { href: "/processes", text: "Processes" },
  { href: "/files", text: "Files" },
  { href: "/settings", text: "Settings" },
] as const;

const open = signal<"none" | "search" | "shortcuts">("none");

/** Opens the search over everything. */
export function openSearch(): void {
  open.value = "search";
}

function close(): void {
  open.value = "none";
}

/** The dashboard. */
export function App() {
  useShortcuts(
    [
      { keys: "g j", text: "Jobs", run: () => goTo("/jobs") },
      { keys: "g i", text: "Import", run: () => goTo("/import") },
      { keys: "g e", text: "Export", run: () => goTo("/export") },
      { keys: "g p", text: "Processes", run: () => goTo("/processes") },
      { keys: "g f", text: "Files", run: () => goTo("/files") },
      { keys: "t", text: "Light or dark", run: switchTheme },
      { keys: "?", text: "This list", run: () => (open.value = "shortcuts") },
    ],
    [],
  );
  const isLost = connection.value.state === "lost" && !isTokenWanted.value;
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <TopBar />
      {isLost && <LostBanner />}
      <main id="content" tabIndex={-1} class={isLost ? "stale" : ""}>
        {isTokenWanted.value ? <SignIn /> : <Screen />}
      </main>
      <OpenQuestion />
      {open.value === "search" && <SearchDialog onClose={close} />}
      {open.value === "shortcuts" && <ShortcutsDialog onClose={close} />}
      <div aria-live="polite" class="vh">
        {announcement.value}
      </div>
    </>
  );
}

function TopBar() {
  const { path } = place.value;
  const shown = path === "/" ? "/jobs" : path;
  return (
    <header class="top">
      <a class="brand" href="/jobs">
        Sluice
      </a>
      <nav aria-label="Main">
        {LINKS.map(({ href, text }) => (
          <a key={href} href={href} aria-current={shown.startsWith(href) ? "page" : undefined}>
            {text}
          </a>
        ))}
      </nav>
      <span class="space" />
      <button
        type="button"
        class="plain"
        aria-label={isDark.value ? "Use the light theme" : "Use the dark theme"}
        onClick={switchTheme}
      >
        <span aria-hidden="true">{isDark.value ? "☀" : "☾"}</span>
      </button>
      <button type="button" class="search" onClick={openSearch}>
        Search{" "}
        <kbd aria-hidden="true">{/Mac|iPhone/.test(navigator.userAgent) ? "⌘K" : "Ctrl K"}</kbd>
      </button>
    </header>
  );
}

function LostBanner() {
  const { value } = connection;
  if (value.state !== "lost") return null;
  const seconds = Math.ceil((value.retryAt - clock.value) / 1000);
  return (
    <div class="banner" role="status">
      The service does not answer. {seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again."}{" "}
      Jobs go on running.
    </div>
  );
}

function Screen() {
  const { path } = place.value;
  const [, first = "", second, third] = path.split("/");
  if (first === "" || first === "jobs") {
    if (second === undefined) return <JobsScreen />;
    return <JobScreen key={second} id={second} tab={third ?? "overview"} />;
  }
  if (first === "import")
    return second === undefined ? <UploadScreen /> : <ImportScreen key={second} fileId={second} />;
  if (first === "export") return <ExportScreen key={place.value.query.toString()} />;
  if (first === "processes")
    return second === undefined ? (
      <ProcessesScreen />
    ) : (
      <ProcessScreen key={second} name={decodeURIComponent(second)} />
    );
  if (first === "files") return <FilesScreen />;
  if (first === "settings") return <SettingsScreen />;
  showTitle("Not found");
  return (
    <>
      <h1>Not found</h1>
      <EmptyNote title="There is nothing at this address.">
        <a href="/jobs">Jobs</a>
      </EmptyNote>
    </>
  );
}
