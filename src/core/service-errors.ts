/** Codes of the service and what it stands on: disk, database, settings. `error-table.ts` puts the tables together. */
import type { ErrorRule } from "./error-rule.ts";

/** Codes of the service and what it stands on. */
export const SERVICE_ERRORS = {
  storage_full: {
    status: 507,
    title: "There is no space left",
    advice: "Free space on the named disk, then try again or resume.",
    isRetryable: true,
  },
  storage_failed: {
    status: 500,
    title: "A file cannot be read or written",
    advice: "Check the disk and the permissions of the named path.",
    isAdvised: true,
  },
  database_unavailable: {
    status: 503,
    title: "The database does not answer",
    advice: "Jobs wait and go on by themselves. Check the PostgreSQL server when it lasts.",
    isRetryable: true,
    isSaid: true,
  },
  database_unreachable: {
    status: 503,
    title: "The database cannot be reached",
    advice: "Check host and port in DATABASE_URL, and that the server runs.",
    isRetryable: true,
    isAdvised: true,
  },
  database_refused: {
    status: 500,
    title: "The database does not let Sluice in",
    advice: "Check password, database and rights of the role in DATABASE_URL.",
    isAdvised: true,
  },
  lock_timeout: {
    status: 503,
    title: "A lock is held by somebody else",
    advice: "Wait for the session that the message names, or end it, then ask again.",
    isRetryable: true,
    isSaid: true,
  },
  database_too_old: {
    status: 500,
    title: "The PostgreSQL server is too old",
    advice: "Use PostgreSQL 14 or newer.",
  },
  database_too_new: {
    status: 500,
    title: "The database was made by a newer Sluice",
    advice: "Upgrade Sluice; a downgrade is not possible.",
  },
  database_not_found: {
    status: 500,
    title: "There is no private PostgreSQL for this platform",
    advice: "Set DATABASE_URL to a PostgreSQL 14 or newer.",
  },
  database_start_failed: {
    status: 500,
    title: "The private PostgreSQL does not start",
    advice: "Read the named log, or set DATABASE_URL to a server of your own.",
    isAdvised: true,
  },
  folder_in_use: {
    status: 409,
    title: "Another service uses this folder",
    advice: "Use that one, stop it, or set SLUICE_DIR to another folder.",
  },
  files_folder_differs: {
    status: 409,
    title: "Another service of the database keeps its files elsewhere",
    advice: "Set SLUICE_FILES to the folder that the other uses, or use another database.",
    isAdvised: true,
  },
  port_in_use: {
    status: 409,
    title: "The port is taken",
    advice: "Choose another with --port or SLUICE_PORT.",
  },
  invalid_config: {
    status: 500,
    title: "A setting is not valid",
    advice: "`sluice config` lists every setting, its value and where it came from.",
  },
  shutting_down: {
    status: 503,
    title: "The service is stopping",
    advice: "Try again in a moment.",
    isRetryable: true,
  },
  service_unreachable: {
    status: 503,
    title: "The service cannot be reached",
    advice: "Start it with `sluice`, or set SLUICE_URL to where it runs.",
    isRetryable: true,
  },
  internal: {
    status: 500,
    title: "Something went wrong inside Sluice",
    advice: "The log of the service has the cause under the request's id.",
  },
} as const satisfies Record<string, ErrorRule>;
