import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

/** What a dialog shows. */
interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly isWide?: boolean;
}

/** A modal dialog that is there as long as it is drawn. Esc closes it, and the focus goes back to where it was. */
export function Dialog({ title, onClose, children, isWide = false }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={isWide ? "wide" : ""}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  );
}

/** What a question asks. */
interface QuestionProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Label of the button that changes nothing; it has the focus. */
  readonly keep: string;
  /** Label of the button that acts; it is off when it cannot be used yet. */
  readonly act: string;
  readonly isOff?: boolean;
  readonly onAct: () => void;
  readonly onClose: () => void;
}

/** A question before something that cannot be taken back. */
export function Question({ title, children, keep, act, isOff, onAct, onClose }: QuestionProps) {
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <div class="row end">
        <button type="button" ref={first} onClick={onClose}>
          {keep}
        </button>
        <button
          type="button"
          class="danger"
          disabled={isOff}
          onClick={() => {
            onClose();
            onAct();
          }}
        >
          {act}
        </button>
      </div>
    </Dialog>
  );
}
