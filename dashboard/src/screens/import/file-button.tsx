import { useRef } from "preact/hooks";

/** A button that lets a person choose a file. */
export function FileButton({
  text,
  isPrimary = false,
  onFile,
}: {
  text: string;
  isPrimary?: boolean;
  onFile: (file: File) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        class={isPrimary ? "primary" : ""}
        onClick={() => input.current?.click()}
      >
        {text}
      </button>
      <input
        ref={input}
        type="file"
        class="vh"
        tabIndex={-1}
        aria-label="File to import"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file !== undefined) onFile(file);
        }}
      />
    </>
  );
}
