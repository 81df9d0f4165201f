import { defineConfig } from "vite";

/** A running service, for `npx vite dashboard`: pages from here, data from there. */
const SERVICE = "http://127.0.0.1:5007";

export default defineConfig({
  build: {
    outDir: "../dist/dashboard",
    // A page that is open goes on with the files that it was made of.
    emptyOutDir: false,
    target: "es2022",
    // A few hundred bytes smaller than by esbuild. Getters are not pure: reading a signal is how a part follows it.
    minify: "terser",
    terserOptions: {
      compress: { passes: 3, ecma: 2020, module: true },
      mangle: { module: true },
    },
    // The policy of the pages allows no data: and no inline script.
    assetsInlineLimit: 0,
    // Names the files of this build among those of earlier ones.
    manifest: true,
    modulePreload: { polyfill: false },
  },
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  server: { proxy: { "/v1": SERVICE, "/healthz": SERVICE, "/readyz": SERVICE, "/docs": SERVICE } },
});
