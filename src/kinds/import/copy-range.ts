/** Copies bytes of a source as they are. */
import type { ForwardWindow } from "./forward-window.ts";

/** Pieces are put together up to this size, in bytes. */
const BLOCK_BYTES = 64 * 1024;

/** The bytes from `fromByte` up to `toByte`, each piece an array of its own. Errors: `source_changed`. */
export async function* copyRange(
  window: ForwardWindow,
  { fromByte, toByte }: { readonly fromByte: number; readonly toByte: number },
): AsyncGenerator<Uint8Array> {
  if (fromByte >= toByte) return;
  await window.seek(fromByte);
  while (window.byte < toByte) {
    const { bytes, used } = window;
    const count = Math.min(window.length - used, toByte - window.byte);
    if (count === 0) {
      await window.fill();
      continue;
    }
    window.advance(count);
    yield bytes.slice(used, used + count);
  }
}

/** The same bytes in pieces that are worth sending. */
export async function* inBlocks(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let block: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    block.push(piece);
    length += piece.length;
    if (length < BLOCK_BYTES) continue;
    yield Buffer.concat(block);
    block = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(block);
}
