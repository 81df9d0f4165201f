/** Flags that every command takes. */
import type { FlagRules } from "./command.ts";

/** Flags that every command takes, by name. */
export const GLOBAL_FLAGS: FlagRules = {
  json: { description: "results as JSON" },
  plain: { description: "no colors and no redrawn lines" },
  quiet: { short: "q", description: "results and errors only" },
  "no-input": { description: "ask nothing and read no keys" },
  url: { value: "URL", description: "the service to talk to", setting: "url" },
  token: { value: "TOKEN", description: "what to sign in with", setting: "token" },
  dir: { value: "DIR", description: "folder of the private database and files", setting: "dir" },
  "database-url": {
    value: "URL",
    description: "PostgreSQL to use instead of the private one",
    setting: "databaseUrl",
  },
  help: { short: "h", description: "this text" },
};
