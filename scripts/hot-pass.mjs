// Compiles assembly/, the hot pass of imports, to WebAssembly.
import binaryen from "assemblyscript/binaryen";
import { spawnSync } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const COMPILER = fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js"));
const OPTIONS = ["-O3", "--noAssert", "--enable", "simd", "--runtime", "stub"];
// No import for failing: nothing in it throws. One size of memory for ever: see assembly/layout.ts.
OPTIONS.push("--use", "abort=", "--initialMemory", "32", "--maximumMemory", "32");
// That its functions pass vectors to each other concerns nobody: those that the host calls do not.
OPTIONS.push("--disableWarning", "112");

/**
 * How long a function may be that is put in the place of its calls, in nodes: always, and where that lets it be simplified. V8 does that
 * for none, and a call costs as much as a digit: the usual sizes make the pass a twelfth slower.
 */
const ALWAYS_INLINED = 40;
const FLEXIBLY_INLINED = 100;

/** Writes the module to `path`, whole or not at all. Returns whether it compiled; why not is on stderr. */
export function compileHotPass(root, path) {
  const made = `${path}.new`;
  const { status } = spawnSync(
    process.execPath,
    [COMPILER, "assembly/index.ts", "--outFile", made, ...OPTIONS],
    { cwd: root, stdio: ["ignore", "ignore", "inherit"] },
  );
  if (status !== 0) return false;
  writeFileSync(made, inlined(readFileSync(made)));
  renameSync(made, path);
  return true;
}

function inlined(code) {
  const module = binaryen.readBinary(code);
  module.setFeatures(binaryen.Features.SIMD128 | binaryen.Features.MutableGlobals);
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(0);
  binaryen.setAlwaysInlineMaxSize(ALWAYS_INLINED);
  binaryen.setFlexibleInlineMaxSize(FLEXIBLY_INLINED);
  module.optimize();
  const optimized = module.emitBinary();
  module.dispose();
  return optimized;
}
