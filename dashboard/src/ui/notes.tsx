import type { ComponentChildren } from "preact";
import type { ApiError } from "../api/request.ts";

/** What happened, what is safe, what to do. `children` are buttons or links of the way out. */
export function ErrorNote({ error, children }: { error: ApiError; children?: ComponentChildren }) {
  return (
    <div class="note bad" role="alert">
      <strong>{error.title}.</strong> {error.message}
      {error.fields.length > 0 && (
        <ul>
          {error.fields.map(({ pointer, detail }) => (
            <li key={pointer}>
              <code>{pointer}</code> {detail}
            </li>
          ))}
        </ul>
      )}
      {children !== undefined && <div class="row">{children}</div>}
    </div>
  );
}

/** A place where nothing is yet. */
export function EmptyNote({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="strong">{title}</p>
      {children}
    </div>
  );
}

/** Something is on its way. */
export function Waiting({ text = "Loading" }: { text?: string }) {
  return (
    <p class="muted" role="status">
      {text}…
    </p>
  );
}
