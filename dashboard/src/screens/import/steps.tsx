const STEPS = ["File", "Columns"] as const;

/** Where the import is. */
export function Steps({ at }: { at: (typeof STEPS)[number] }) {
  const now = STEPS.indexOf(at);
  return (
    <ol class="steps" aria-label="Steps">
      {STEPS.map((step, index) => (
        <li key={step} aria-current={index === now ? "step" : undefined}>
          {index < now ? "✓ " : ""}
          {index + 1} {step}
        </li>
      ))}
    </ol>
  );
}
