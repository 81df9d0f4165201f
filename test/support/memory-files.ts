/** A file that is in memory, for what only reads. */
import type { FileStore } from "../../src/core/ports.ts";

/** A store whose every file is `bytes`. */
export function memoryFiles(bytes: Uint8Array): Pick<FileStore, "open"> {
  return {
    open: (_id, { start, end }) => {
      let at = start;
      return Promise.resolve({
        read: (into) => {
          const piece = bytes.subarray(at, Math.min(end, at + into.length));
          into.set(piece);
          at += piece.length;
          return Promise.resolve(piece.length);
        },
        close: () => Promise.resolve(),
      });
    },
  };
}
