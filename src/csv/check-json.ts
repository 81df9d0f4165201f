/** Whether a value is JSON. What `jsonb` cannot hold beyond that, such as \u0000, is for the server to refuse. */
import type { RejectionCode } from "../core/rejection.ts";

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** JSON as RFC 8259 has it, with white space around it. Makes a string of the value: few columns hold JSON. */
export function checkJson(bytes: Uint8Array, start: number, end: number): RejectionCode | null {
  return isJson(DECODER.decode(bytes.subarray(start, end))) ? null : "invalid_json";
}

/** Whether the text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // a SyntaxError is the finding itself
  }
}
