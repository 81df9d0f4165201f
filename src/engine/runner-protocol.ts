/** The messages between the supervisor's thread and a runner thread. */
import type { DispatchMessage } from "../core/ports.ts";
import type { PartOutcome } from "./run-part.ts";

/** From the supervisor. `drain` asks to give the part back; the runner takes no other after it. */
export type ToRunner =
  | { readonly type: "run"; readonly message: DispatchMessage }
  | { readonly type: "ping" }
  | { readonly type: "drain" };

/** From the runner: the answer to a ping, parts that were found, or the end of a `run`. */
export type FromRunner =
  | { readonly type: "pong" }
  | { readonly type: "found"; readonly messages: readonly DispatchMessage[] }
  | { readonly type: "outcome"; readonly outcome: PartOutcome };
