/** One message of an event stream. */
export interface ServerEvent {
  /** The last id that the stream gave; empty before the first. */
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

/**
 * Reads server-sent events, as the HTML standard defines them, from text in any pieces. `EventSource` cannot send a
 * token. A message that is not complete at the end is dropped.
 */
export function createEventParser(lastId: string): (text: string) => readonly ServerEvent[] {
  let rest = "";
  let id = lastId;
  let type = "";
  let data: string[] = [];

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
    if (field === "id") id = value;
    return null;
  };

  return (text) => {
    rest += text;
    const events: ServerEvent[] = [];
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(rest); // a CR at the very end may be half of a CRLF
      if (end === null) return events;
      const event = takeLine(rest.slice(0, end.index));
      rest = rest.slice(end.index + end[0].length);
      if (event !== null) events.push(event);
    }
  };
}
