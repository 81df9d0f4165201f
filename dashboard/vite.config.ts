import { defineConfig } from "vite";

/** A running service, for `npx vite dashboard`: pages from here, data from there. */
const SERVICE = "http://127.0.0.1:5007";

/** The graph of modules, as Rollup shows it. */
interface Modules {
  readonly getModuleIds: () => Iterable<string>;
  readonly getModuleInfo: (id: string) => Module | null;
}

interface Module {
  readonly isEntry: boolean;
  readonly importedIds: readonly string[];
}

/**
 * What the first screens do not need is one piece, which is loaded when the first of the others is opened: many small
 * pieces pack worse.
 */
function pieceOf(id: string, modules: Modules): string {
  return neededAtFirst(modules).has(id) ? "app" : "later";
}

function neededAtFirst({ getModuleIds, getModuleInfo }: Modules): ReadonlySet<string> {
  const needed = new Set([...getModuleIds()].filter((id) => getModuleInfo(id)?.isEntry === true));
  // A set hands out what is added while it is walked.
  for (const id of needed)
    for (const imported of getModuleInfo(id)?.importedIds ?? []) needed.add(imported);
  return needed;
}

/**
 * Loads a later piece and nothing before it: what it needs is there already, and the styles are one file. Vite's own helper
 * looks for more, in half a kilobyte.
 */
const PLAIN_LOADING = {
  name: "plain-loading",
  enforce: "pre",
  load: (id: string) =>
    id === "\0vite/preload-helper.js" ? "export const __vitePreload = (load) => load();" : null,
} as const;

export default defineConfig({
  plugins: [PLAIN_LOADING],
  build: {
    outDir: "../dist/dashboard",
    // A page that is open goes on with the files that it was made of.
    emptyOutDir: false,
    target: "es2022",
    // A few hundred bytes smaller than by esbuild. Getters are not pure: reading a signal is how a part follows it.
    // Functions may become arrows, which have no prototype: none that is made by an expression is called with `new` here.
    minify: "terser",
    terserOptions: {
      compress: {
        passes: 3,
        ecma: 2020,
        module: true,
        inline: 1,
        sequences: false,
        keep_fargs: false,
        unsafe_arrows: true,
      },
      mangle: { module: true },
    },
    // The policy of the pages allows no data: and no inline script.
    assetsInlineLimit: 0,
    // Names the files of this build among those of earlier ones.
    manifest: true,
    modulePreload: { polyfill: false },
    rollupOptions: { output: { manualChunks: pieceOf } },
  },
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  server: { proxy: { "/v1": SERVICE, "/healthz": SERVICE, "/readyz": SERVICE, "/docs": SERVICE } },
});
