/**
 * How the private server is set up. The text is written anew before each start, so a newer Sluice changes it in old
 * folders too; settings of one's own go after the `include` in `postgresql.conf`, or into `alter system`.
 *
 * Durability stays on: what is committed survives a crash of the machine.
 */
import { totalmem } from "node:os";

/** How clients reach the server. */
export type ServerAddress =
  | { readonly transport: "socket"; readonly folder: string }
  | { readonly transport: "loopback"; readonly port: number };

/** The number in the name of the socket. One server has one socket folder, so it is always the same. */
export const SOCKET_PORT = 5432;

/** The settings as the text of a configuration file. `memoryMb` is what the machine or container has. */
export function formatSettings(address: ServerAddress, memoryMb: number): string {
  const reach =
    address.transport === "socket"
      ? {
          listen_addresses: "",
          unix_socket_directories: address.folder,
          unix_socket_permissions: "0700",
          port: SOCKET_PORT,
        }
      : { listen_addresses: "127.0.0.1", unix_socket_directories: "", port: address.port };
  const settings = {
    ...reach,
    cluster_name: "sluice",
    max_connections: 60,
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    ...MEMORY_SETTINGS,
    shared_buffers: `${sharedBuffersMb(memoryMb)}MB`,
    ...WRITE_SETTINGS,
    ...NAME_SETTINGS,
    ...WORD_SETTINGS,
    ...LOG_SETTINGS,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${escape(value)}'`);
  return `# Written by Sluice at each start: changes here are lost.\n${lines.join("\n")}\n`;
}

/** Who may connect. Sockets: everybody who gets into the private folder, see `socket-folder.ts`. */
export function formatAccess({ transport }: ServerAddress): string {
  const rule =
    transport === "socket" ? "local all all trust" : "host all all 127.0.0.1/32 scram-sha-256";
  return `# Written by Sluice at each start: changes here are lost.\n${rule}\n`;
}

/** The memory that the server can count on, in MB: that of the container when it has a limit. */
export function availableMemoryMb(): number {
  const limit = process.constrainedMemory();
  const bytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return Math.floor(bytes / 2 ** 20);
}

/** A sixteenth of the memory, from 32 to 256 MB. Rows pass through once, so more brings nothing measurable. */
function sharedBuffersMb(memoryMb: number): number {
  return Math.max(32, Math.min(256, Math.floor(memoryMb / 16)));
}

const MEMORY_SETTINGS = {
  // With huge pages promised but not there, a container's server dies of SIGBUS.
  huge_pages: "off",
  work_mem: "16MB",
  maintenance_work_mem: "128MB",
};

const WRITE_SETTINGS = {
  // No replica follows this server, so what a new table's COPY or index writes need not pass through the WAL.
  wal_level: "minimal",
  max_wal_senders: 0,
  wal_buffers: "16MB",
  // 2 GB between checkpoints keeps full-page images rare in a long import, and replays within a minute.
  min_wal_size: "80MB",
  max_wal_size: "2GB",
  checkpoint_timeout: "10min",
  checkpoint_completion_target: "0.9",
  autovacuum: "on",
  autovacuum_max_workers: 2,
  autovacuum_naptime: "30s",
  track_counts: "on",
  // Compiling pays from seconds on; the planner guesses it for statements of milliseconds.
  jit: "off",
};

const NAME_SETTINGS = {
  // The default looks first in the schema of the role's name, and role and schema of Sluice share theirs: a person's
  // `create table` would land among the tables of Sluice.
  search_path: "public",
};

const WORD_SETTINGS = {
  timezone: "UTC",
  log_timezone: "UTC",
  datestyle: "iso, mdy",
  lc_messages: "C",
};

/**
 * The server's own life and nothing of statements: those are answered to the client, who logs what it may. In the
 * order of this setting `log` is above `error`. So no cell value gets into the log, and it stays small.
 */
const LOG_SETTINGS = {
  logging_collector: "off",
  log_destination: "stderr",
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_statement: "none",
  log_checkpoints: "off",
  checkpoint_warning: "0",
  log_autovacuum_min_duration: "-1",
  log_line_prefix: "%m [%p] ",
};

function escape(value: string | number): string {
  return String(value).replaceAll("\\", "\\\\").replaceAll("'", "''");
}
