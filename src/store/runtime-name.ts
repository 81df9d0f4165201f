/**
 * Says which runtime this is, as Node does from version 21 on. Without it `pg` makes a `Response` to find out (pg 8,
 * `lib/stream.js`), for which Node 20 loads its whole HTTP client: a tenth of a second in every thread. Imported before
 * `pg` by the entries of threads and programs.
 */
if (!("navigator" in globalThis))
  Object.defineProperty(globalThis, "navigator", {
    value: Object.freeze({ userAgent: `Node.js/${process.versions.node.split(".")[0]}` }),
    configurable: true,
    enumerable: false,
    writable: true,
  });
