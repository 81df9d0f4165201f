import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Waiting } from "./notes.tsx";

/** A part of the page that is loaded when it is shown for the first time, and is there at once from then on. */
export function lazy<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function Lazy(props: Props) {
    const [state, setState] = useState<"waits" | "failed" | "shown">(loaded ? "shown" : "waits");
    useEffect(() => {
      const settle = async (): Promise<void> => {
        try {
          loaded ??= await load();
          setState("shown");
        } catch {
          setState("failed");
        }
      };
      void settle();
    }, []);
    if (state === "failed")
      return (
        <p class="note bad" role="alert">
          This screen could not be loaded: the service may have been renewed. Reload the page;
          nothing is lost.
        </p>
      );
    if (loaded === null) return <Waiting />;
    const Part = loaded;
    return <Part {...props} />;
  };
}
