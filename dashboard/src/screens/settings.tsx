/** `/settings`: this browser and this service. */
import { useEffect } from "preact/hooks";
import { checkReady, getVersion } from "../api/calls.ts";
import { signOut, token } from "../api/session.ts";
import { hasShortcuts, setShortcuts } from "../keys.ts";
import { connection } from "../live/follow.ts";
import { showTitle } from "../tab.ts";
import { chooseTheme, themeChoice, type ThemeChoice } from "../theme.ts";
import { Pill } from "../ui/pill.tsx";
import { useAnswer } from "../ui/use-answer.ts";

const THEMES: readonly (readonly [ThemeChoice, string])[] = [
  ["system", "as the system"],
  ["light", "light"],
  ["dark", "dark"],
];

/** The settings. */
export function SettingsScreen() {
  useEffect(() => showTitle("Settings"), []);
  return (
    <>
      <h1>Settings</h1>
      <ServiceCard />
      <section class="card stack">
        <h2>This browser</h2>
        <label class="label">
          Theme
          <select
            value={themeChoice.value}
            onChange={(event) => {
              const choice = THEMES.find(([name]) => name === event.currentTarget.value)?.[0];
              if (choice !== undefined) chooseTheme(choice);
            }}
          >
            {THEMES.map(([name, text]) => (
              <option key={name} value={name}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <label class="label">
          <input
            type="checkbox"
            checked={hasShortcuts.value}
            onChange={(event) => setShortcuts(event.currentTarget.checked)}
          />
          Single keys do something; <kbd>?</kbd> lists them
        </label>
        {token.value !== null && (
          <div class="row">
            <span>Signed in with a token that this browser keeps.</span>
            <button type="button" onClick={signOut}>
              Sign out
            </button>
          </div>
        )}
      </section>
    </>
  );
}

function ServiceCard() {
  const version = useAnswer(getVersion, []);
  const ready = useAnswer(checkReady, []);
  return (
    <section class="card">
      <h2>Service</h2>
      <dl class="facts">
        <dt>Address</dt>
        <dd>
          <code>{location.origin}</code>
        </dd>
        <dt>Version</dt>
        <dd>{version.value ?? "–"}</dd>
        <dt>Database</dt>
        <dd>
          {ready.error === null ? (
            ready.isAsking ? (
              "asking"
            ) : (
              <Pill tone="ok">✓ answers</Pill>
            )
          ) : (
            <>
              <Pill tone="bad">! does not answer</Pill> {ready.error.message}
            </>
          )}
        </dd>
        <dt>Live changes</dt>
        <dd>
          {"locks" in navigator
            ? connection.value.state === "live"
              ? "one stream for all tabs of this browser"
              : "not connected"
            : "asked for every 2 s, because this address is not a secure one"}
        </dd>
        <dt>API</dt>
        <dd>
          <a href="/docs">/docs</a>
        </dd>
      </dl>
    </section>
  );
}
