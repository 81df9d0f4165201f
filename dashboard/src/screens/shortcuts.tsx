import { hasShortcuts, shortcuts } from "../keys.ts";
import { Dialog } from "../ui/dialog.tsx";

/** The keys that do something on this screen. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="facts">
        <dt>
          <kbd>Ctrl K</kbd> or <kbd>⌘ K</kbd>
        </dt>
        <dd>Search</dd>
        {shortcuts.value.map(({ keys, text }) => (
          <>
            <dt>
              {keys.split(" ").map((key) => (
                <>
                  <kbd>{key}</kbd>{" "}
                </>
              ))}
            </dt>
            <dd>{text}</dd>
          </>
        ))}
      </dl>
      {!hasShortcuts.value && (
        <p class="muted">
          Single keys are off: <a href="/settings">settings</a>
        </p>
      )}
      <div class="row end">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
