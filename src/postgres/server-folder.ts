import { join } from "node:path";

/** Where things are in one SLUICE_DIR. */
export interface ServerFolder {
  /** SLUICE_DIR, absolute, without symbolic links. */
  readonly dir: string;
  readonly dataDir: string;
  readonly logFile: string;
  /** Holds the role's password, which only the loopback transport asks for. */
  readonly passwordFile: string;
}

/** The places in `dir`. */
export function serverFolder(dir: string): ServerFolder {
  return {
    dir,
    dataDir: join(dir, "pg"),
    logFile: join(dir, "pg.log"),
    passwordFile: join(dir, "pg.password"),
  };
}
