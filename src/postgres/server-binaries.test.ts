import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  compileSource,
  startChild,
  type CompiledSource,
} from "../../test/support/compiled-child.ts";
import { locatePackage, platformName, prepareBinaries } from "./server-binaries.ts";

const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;
const isLinux = process.platform === "linux";
const native = locatePackage(platformName());

let source: CompiledSource;
let home: string;

beforeAll(() => {
  source = compileSource(["postgres/server-binaries.ts"]);
});
afterAll(() => source.remove());
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sluice-binaries-"));
  chmodSync(home, 0o755);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** The package as npm installs it: programs and libraries without the links. */
function unpack(parent: string): string {
  const folder = join(parent, "native");
  mkdirSync(join(folder, "lib"), { recursive: true });
  cpSync(join(native, "bin"), join(folder, "bin"), { recursive: true });
  cpSync(join(native, "pg-symlinks.json"), join(folder, "pg-symlinks.json"));
  symlinkSync(join(native, "share"), join(folder, "share"));
  for (const item of readdirSync(join(native, "lib"), { withFileTypes: true })) {
    if (item.isFile() && !item.name.endsWith(".a"))
      cpSync(join(native, "lib", item.name), join(folder, "lib", item.name));
  }
  return folder;
}

test("a platform without a package is named, with what to do", () => {
  expect(() => locatePackage("linux-x64-musl")).toThrow(
    expect.objectContaining({
      code: "database_not_found",
      message:
        "No PostgreSQL found for linux-x64-musl. Set DATABASE_URL to a PostgreSQL 14 or newer.",
    }),
  );
});

test("the package of this platform is found", () => {
  expect(existsSync(join(native, "share"))).toBe(true);
});

test.skipIf(!isLinux)("links that the installation left out are made in the package", async () => {
  const folder = unpack(home);

  const binaries = await prepareBinaries(folder, null, []);

  expect(binaries).toMatchObject({ folder, majorVersion: 18 });
  expect(binaries.version).toMatch(/^18\.\d+$/);
  expect(readlinkSync(join(folder, "lib/libicuuc.so.60"))).toBe("libicuuc.so.60.2");
});

const PREPARE = `
  const { prepareBinaries } = await import(source + "postgres/server-binaries.js");
  const [folder, copies] = process.argv.slice(1);
  console.log(JSON.stringify(await prepareBinaries(folder, null, [copies])));
`;

test.skipIf(!isLinux)(
  "a package that is not writable is copied, once, and the copy runs",
  async () => {
    const folder = unpack(home);
    const copies = join(home, "copies");
    mkdirSync(copies);
    if (isRoot) chownSync(copies, NOBODY, NOBODY);
    chmodSync(join(folder, "lib"), 0o555);
    const options = { args: [folder, copies], ...(isRoot ? { uid: NOBODY } : {}) };

    const first = await startChild(source, PREPARE, options).answer();
    const second = await startChild(source, PREPARE, options).answer();
    chmodSync(join(folder, "lib"), 0o755);

    expect(first).toMatchObject({ folder: expect.stringContaining(copies), majorVersion: 18 });
    expect(second).toEqual(first);
    expect(readdirSync(copies)).toHaveLength(1);
    expect(existsSync(join(folder, "lib/libicuuc.so.60"))).toBe(false);
  },
);

test.skipIf(!isRoot)(
  "a package that the server's user cannot reach is copied, readable whatever the umask",
  async () => {
    const closed = join(home, "closed");
    mkdirSync(closed, { mode: 0o700 });
    const folder = unpack(closed);
    const copies = join(home, "copies");
    mkdirSync(join(copies, "draft-999999999-killed"), { recursive: true });
    const umask = process.umask(0o077);

    const account = { uid: NOBODY, gid: NOBODY };
    const binaries = await prepareBinaries(folder, account, [copies]);
    process.umask(umask);

    expect(binaries.folder.startsWith(copies)).toBe(true);
    expect(readdirSync(copies)).toHaveLength(1);
    expect(statSync(join(binaries.folder, "bin")).mode & 0o777).toBe(0o755);
    expect(statSync(join(binaries.folder, "bin/postgres")).mode & 0o777).toBe(0o755);
  },
);

test("programs that do not run are an error that says why", async () => {
  const folder = unpack(home);
  rmSync(join(folder, "lib"), { recursive: true });
  mkdirSync(join(folder, "lib"));

  await expect(prepareBinaries(folder, null, [])).rejects.toMatchObject({
    code: "database_start_failed",
    message: expect.stringMatching(/does not run here: .*lib.*\. Install the package again/),
  });
});
