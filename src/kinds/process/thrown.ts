/**
 * What user code threw, told to people: its message, and the place in the author's own file. The loader keeps the lines of
 * the TypeScript source, so that the lines of a stack are those that the author sees.
 */
import { readFileSync, realpathSync } from "node:fs";
import { sep } from "node:path";
import { pathToFileURL } from "node:url";
import { safeText } from "./safe-text.ts";

/** A place in a file of the folder of processes. */
export interface CodePlace {
  /** Its path from the folder. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** The message of a thrown value, with those of its causes behind it. */
export function thrownMessage(thrown: unknown): string {
  const messages: string[] = [];
  for (let at = thrown, depth = 0; at != null && depth < 4; depth++) {
    const message = ownMessage(at);
    if (message !== "" && !messages.some((said) => said.includes(message))) messages.push(message);
    at = at instanceof Error ? at.cause : null;
  }
  return safeText(messages.length === 0 ? "It threw no message." : messages.join(": "));
}

function ownMessage(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === "")
    return thrown.errors.map(ownMessage).join("; ");
  if (thrown instanceof Error) {
    // Node lists here who asked for a module, with paths that say nothing new.
    const message = thrown.message.replace(/\nRequire stack:[^]*$/, "").trim();
    const isPlain = thrown.name === "Error" || thrown.name === "DatabaseError" || message === "";
    return isPlain ? message || thrown.name : `${thrown.name}: ${message}`;
  }
  if (typeof thrown === "string") return thrown;
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    // It refuses to be shown: its type is all that can be said.
    return `a value of type ${typeof thrown}`;
  }
}

/** Where in `folder` a thrown value comes from: the innermost call there. Null when it does not say. */
export function thrownPlace(thrown: unknown, folder: string): CodePlace | null {
  if (!(thrown instanceof Error) || typeof thrown.stack !== "string") return null;
  const roots = new Set([folder, realPath(folder), pathToFileURL(folder).pathname]);
  for (const call of thrown.stack.split("\n")) {
    const end = /^\s+at .*?(?=:\d+:\d+\)?$)/.exec(call)?.[0].length;
    if (end === undefined) continue;
    const root = [...roots].find((known) => call.includes(known + sep));
    if (root === undefined) continue;
    const file = call.slice(call.indexOf(root + sep) + root.length + 1, end);
    const line = /^:(\d+)/.exec(call.slice(end))?.[1];
    if (!file.split(sep).includes("node_modules")) return { file, line: Number(line) };
  }
  return null;
}

/** `create-teams.ts line 14`. */
export function placeText(place: CodePlace | null): string | null {
  return place === null ? null : `${place.file} line ${place.line}`;
}

/** The line of `path` that imports what could not be found; null when the error is another one, or no line does. */
export function missingImportLine(thrown: unknown, path: string): number | null {
  const name =
    thrown instanceof Error
      ? /^Cannot find (?:module|package) '([^']+)'/.exec(thrown.message)?.[1]
      : undefined;
  if (name === undefined) return null;
  const lines = readFileSync(path, "utf8").split("\n");
  const index = lines.findIndex((line) => line.includes(`"${name}"`) || line.includes(`'${name}'`));
  return index < 0 ? null : index + 1;
}

function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    // A folder that is gone has no other name.
    return folder;
  }
}
