/**
 * Server-sent events, as the HTML standard defines the stream: lines end in LF, CR or CRLF; `id`, `event`, `data` and
 * `retry` fields build a message; an empty line ends it; a line that begins with a colon is a comment. The result is
 * the same however the bytes are cut.
 */

/** One message of an event stream. */
export interface ServerEvent {
  /** The last id that the stream gave, in this message or before; empty before the first. */
  readonly id: string;
  /** `message` when the stream names none. */
  readonly type: string;
  readonly data: string;
}

/** Reads the bytes of one event stream. */
export interface EventParser {
  /** The messages that `bytes` complete, in order. */
  readonly push: (bytes: Uint8Array) => readonly ServerEvent[];
  /** Pause before a new connection that the stream asked for, in milliseconds; null when it asked for none. */
  readonly retryMs: () => number | null;
}

/** Builds a parser that starts after the event `lastId`. A message that is not complete at the end is dropped. */
export function createEventParser(lastId = ""): EventParser {
  const decoder = new TextDecoder();
  let id = lastId;
  let type = "";
  let data: string[] = [];
  let retryMs: number | null = null;
  let rest = "";

  const takeLine = (line: string): ServerEvent | null => {
    if (line === "") {
      const event =
        data.length === 0 ? null : { id, type: type || "message", data: data.join("\n") };
      type = "";
      data = [];
      return event;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") data.push(value);
    if (field === "event") type = value;
    if (field === "id" && !value.includes("\0")) id = value;
    if (field === "retry" && /^\d+$/.test(value)) retryMs = Number(value);
    return null;
  };

  return {
    retryMs: () => retryMs,
    push: (bytes) => {
      rest += decoder.decode(bytes, { stream: true });
      const events: ServerEvent[] = [];
      for (;;) {
        const end = /\r\n|\n|\r(?!$)/.exec(rest); // a CR at the very end may be half of a CRLF
        if (end === null) return events;
        const event = takeLine(rest.slice(0, end.index));
        rest = rest.slice(end.index + end[0].length);
        if (event !== null) events.push(event);
      }
    },
  };
}
