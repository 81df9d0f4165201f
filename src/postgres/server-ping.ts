/**
 * Asks a PostgreSQL server whether it takes connections, in its own protocol (version 3): the first message of a
 * client, and the answers up to "ready", a wish for a password, or a refusal.
 */
import { connect, type NetConnectOpts } from "node:net";

/** What the server answered. */
export interface Ping {
  /** False while it starts up or shuts down, and when nobody listens. */
  readonly doesAnswer: boolean;
  /** Such as `18.4`; null when it does not say so to strangers. */
  readonly version: string | null;
}

const NO_ANSWER: Ping = { doesAnswer: false, version: null };

/** Asks once, and gives up after `timeoutMs`. Throws nothing. */
export function pingServer(
  address: NetConnectOpts,
  user: string,
  timeoutMs: number,
): Promise<Ping> {
  return new Promise((resolve) => {
    const socket = connect(address);
    let received = Buffer.alloc(0);
    const settle = (ping: Ping): void => {
      socket.destroy();
      resolve(ping);
    };
    socket.setTimeout(timeoutMs, () => settle(NO_ANSWER));
    socket.on("error", () => settle(NO_ANSWER));
    socket.on("close", () => settle(NO_ANSWER));
    socket.on("connect", () => socket.write(startupMessage(user)));
    socket.on("data", (data) => {
      received = Buffer.concat([received, data]);
      const ping = readAnswer(received);
      if (!ping) return;
      // The server expects a goodbye, "X"; without it the end looks like a lost client.
      if (ping.doesAnswer) socket.end(Buffer.from([0x58, 0, 0, 0, 4]));
      settle(ping);
    });
  });
}

function startupMessage(user: string): Buffer {
  const parameters = Buffer.from(`user\0${user}\0database\0${user}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + parameters.length, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, parameters]);
}

/** The outcome, or null while more must come. */
function readAnswer(bytes: Buffer): Ping | null {
  let version: string | null = null;
  for (let at = 0; at + 5 <= bytes.length;) {
    const type = String.fromCharCode(bytes.readUInt8(at));
    const end = at + 1 + bytes.readInt32BE(at + 1);
    if (end > bytes.length) return null;
    const body = bytes.subarray(at + 5, end);
    if (type === "E") return { doesAnswer: !isStartingOrStopping(body), version };
    // "R" with a number other than 0 asks for a password.
    if (type === "R" && body.readInt32BE(0) !== 0) return { doesAnswer: true, version };
    if (type === "S") version = readVersion(body) ?? version;
    if (type === "Z") return { doesAnswer: true, version };
    at = end;
  }
  return null;
}

/** SQLSTATE 57P01 to 57P03: shutting down, crashed, starting up. Any other refusal comes from a server at work. */
function isStartingOrStopping(body: Buffer): boolean {
  return body.toString("latin1").includes("\0C57P");
}

function readVersion(body: Buffer): string | null {
  const [name, value] = body.toString("latin1").split("\0");
  return name === "server_version" ? (value?.split(" ")[0] ?? null) : null;
}
