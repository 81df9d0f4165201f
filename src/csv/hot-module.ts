/**
 * The compiled hot pass (`assembly/`) of this thread, with its memory. There is one a thread, because a memory reserves
 * much address space; a pass is over before anything else can run, so that several readers may use it in turns.
 */
import { readFileSync } from "node:fs";

/** The module with views of its memory, which never moves. */
export interface HotModule {
  /** Who called `prepare` last: anybody else has to call it again. */
  owner: object | null;
  /** Says how files look: delimiter, quote, fields, columns, bytes of a field, bytes of a record. */
  readonly prepare: (...settings: readonly number[]) => void;
  readonly run: () => void;
  /** Passes over bytes of the input: length, state, whether a CR was before, delimiter, quote. See `assembly/skip.ts`. */
  readonly skip: (...settings: readonly number[]) => void;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  /** A place, an index or a kind by its name in `assembly/layout.ts`. */
  readonly at: (name: string) => number;
}

interface WasmGlobal {
  readonly value: number | bigint;
}

/** What is used of WebAssembly, which Node's own types leave to those of a browser. */
interface WasmHost {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly Global: new () => WasmGlobal;
}

// Every version of Node that Sluice runs on has it.
const WASM = (globalThis as unknown as { readonly WebAssembly: WasmHost }).WebAssembly;

// The build puts the module beside the compiled code; tests run the sources.
const MODULE_URL = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/csv/hot-pass.wasm" : "./hot-pass.wasm",
  import.meta.url,
);
const DECODER = new TextDecoder("latin1");

let loaded: HotModule | null = null;

/** The module, compiled when it is first asked for. */
export function hotModule(): HotModule {
  loaded ??= load();
  return loaded;
}

function load(): HotModule {
  const module = new WASM.Module(readFileSync(MODULE_URL));
  const parseLong = (start: number, length: number): number =>
    Number(DECODER.decode(bytes.subarray(start, start + length)));
  const { exports } = new WASM.Instance(module, { imports: { parseLong } });
  const { memory, prepare, run, skip, ...layout } = exports;
  // The build compiles these from `assembly/index.ts`, and the tests of the hot pass call them.
  const { buffer } = memory as { readonly buffer: ArrayBuffer };
  const bytes = new Uint8Array(buffer);
  return {
    owner: null,
    prepare: prepare as HotModule["prepare"],
    run: run as HotModule["run"],
    skip: skip as HotModule["skip"],
    bytes,
    words: new Uint32Array(buffer),
    at: (name) => {
      const place = layout[name];
      if (!(place instanceof WASM.Global)) throw new RangeError(`There is no ${name}.`);
      return Number(place.value);
    },
  };
}
