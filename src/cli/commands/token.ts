/** `sluice token`: make, list and revoke what clients of a service sign in with. */
import { SCOPES, type Scope } from "../../core/access-tokens.ts";
import { SluiceError } from "../../core/errors.ts";
import type { NewTokenView, TokenView } from "../../client/index.ts";
import type { Command, Flags, Invocation } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { renderTable } from "../terminal/table.ts";
import { openTokenDoor, type TokenDoor } from "../token-door.ts";

type TokenWork = (invocation: Invocation, door: TokenDoor) => Promise<void>;

const WORKS: Readonly<Record<string, TokenWork>> = {
  create: createToken,
  list: listTokens,
  revoke: revokeToken,
};
/** Flags that only `create` takes. */
const CREATE_FLAGS = ["scope", "expires", "job"] as const;

/** Makes, lists and revokes tokens. */
export const tokenCommand: Command = {
  name: "token",
  usage: "create|list|revoke [NAME]",
  summary: "make, list or revoke the tokens by which clients sign in",
  argumentCount: { least: 1, most: 2 },
  flags: {
    scope: {
      value: SCOPES.join("|"),
      description: "what a new token allows; read unless told, admin also manages tokens",
    },
    expires: { value: "7d", description: "when a new token ends, in m, h or d; never unless told" },
    job: { value: "JOB", description: "the only job that a new token shows: a link to share" },
  },
  notes: [
    "A token is printed once, alone on standard output; what is stored is its hash. With --url or SLUICE_URL the",
    "tokens are those of that service, as its admin; otherwise those of the database in use, whoever asks.",
    "revoke takes an id, a unique prefix of one, or a name that is used once.",
    "",
    "  sluice token create nightly --scope operate",
    "  sluice token create customer --job last --expires 7d",
    "  sluice token revoke nightly",
  ],
  run: async (invocation): Promise<ExitCode> => {
    const [verb = "", name] = invocation.args;
    const work = Object.hasOwn(WORKS, verb) ? WORKS[verb] : undefined;
    if (work === undefined)
      throw new SluiceError(
        "usage",
        `Expected create, list or revoke, got ${JSON.stringify(verb)}.`,
      );
    const flag = CREATE_FLAGS.find((each) => invocation.flags.has(each));
    if (verb !== "create" && flag !== undefined)
      throw new SluiceError("usage", `\`sluice token ${verb}\` takes no --${flag}.`);
    if (verb === "list" && name !== undefined)
      throw new SluiceError(
        "usage",
        `Unexpected ${JSON.stringify(name)} after \`sluice token list\`.`,
      );
    if (verb === "revoke" && name === undefined)
      throw new SluiceError("usage", "`sluice token revoke` needs the id or the name of a token.");
    const door = await openTokenDoor(await invocation.loadConfig());
    try {
      await work(invocation, door);
      return EXIT.done;
    } finally {
      await door.close();
    }
  },
};

async function createToken(
  { args, flags, output, isJson }: Invocation,
  door: TokenDoor,
): Promise<void> {
  const scope = scopeOf(flags);
  const reference = flags.text("job");
  if (reference !== undefined && scope !== "read")
    throw new SluiceError("usage", "A token for one job can only read: leave --scope out.");
  const expiresAt = endOf(flags);
  const job = reference === undefined ? null : await door.jobId(reference);
  const name = args[1] ?? (job === null ? scope : `link to ${job}`);
  const made = await door.create({ name, scope, job, expiresAt });
  const link = door.url === null ? null : `${door.url}${made.path}`;
  if (isJson) return output.print(JSON.stringify({ ...made, link }));
  output.print(made.token);
  output.note(`${output.noteStyle("ok", "✓")} ${described(made)} It is shown this once.`);
  if (link !== null) output.note(`  In a browser: ${link}`);
}

function described({ name, scope, job, expiresAt }: NewTokenView): string {
  const what = job === null ? `scope ${scope}` : `shows ${job} alone`;
  const until = expiresAt === null ? "until it is revoked" : `until ${shownTime(expiresAt)}`;
  return `Token ${JSON.stringify(name)}, ${what}, ${until}.`;
}

async function listTokens({ output, isJson }: Invocation, door: TokenDoor): Promise<void> {
  const tokens = await door.list();
  if (isJson) return output.print(JSON.stringify({ items: tokens }));
  if (tokens.length === 0) return output.note("No tokens. `sluice token create` makes one.");
  const header = [
    { title: "ID" },
    { title: "NAME", isFlexible: true },
    { title: "SCOPE" },
    { title: "JOB" },
    { title: "CREATED" },
    { title: "EXPIRES" },
  ];
  const rows = tokens.map(({ id, name, scope, job, createdAt, expiresAt }) => [
    id,
    name,
    scope,
    job ?? "all",
    shownTime(createdAt),
    expiresAt === null ? "never" : shownTime(expiresAt),
  ]);
  for (const line of renderTable(header, rows, output.resultColumns())) output.print(line);
}

async function revokeToken({ args, output, isJson }: Invocation, door: TokenDoor): Promise<void> {
  const token = findToken(await door.list(), args[1] ?? "");
  await door.revoke(token.id);
  if (isJson) return output.print(JSON.stringify({ revoked: token.id }));
  output.print(`${output.style("ok", "✓")} Revoked ${token.id}, ${JSON.stringify(token.name)}.`);
}

function findToken(tokens: readonly TokenView[], reference: string): TokenView {
  const found = tokens.filter(
    ({ id, name }) =>
      name === reference ||
      id.startsWith(reference.startsWith("token_") ? reference : `token_${reference}`),
  );
  const [token, other] = found;
  if (token === undefined)
    throw new SluiceError(
      "not_found",
      `No token has the id or name ${reference}. \`sluice token list\` lists them.`,
    );
  if (other === undefined) return token;
  throw new SluiceError("usage", `${found.length} tokens fit ${reference}. Give the whole id.`);
}

function scopeOf(flags: Flags): Scope {
  const given = flags.text("scope") ?? "read";
  const scope = SCOPES.find((each) => each === given);
  if (scope !== undefined) return scope;
  throw new SluiceError(
    "usage",
    `Expected --scope to be ${SCOPES.join(", ")}, got ${JSON.stringify(given)}.`,
  );
}

const MINUTE_MS = 60_000;
const UNITS_MS: Readonly<Record<string, number>> = {
  m: MINUTE_MS,
  h: 60 * MINUTE_MS,
  d: 24 * 60 * MINUTE_MS,
};
const LONGEST_DAYS = 36_500;

function endOf(flags: Flags): string | null {
  const given = flags.text("expires");
  if (given === undefined) return null;
  const [, count = "", unit = ""] = /^(\d{1,6})([mhd])$/.exec(given) ?? [];
  const ms = Number(count) * (UNITS_MS[unit] ?? 0);
  if (ms > 0 && ms <= LONGEST_DAYS * 24 * 60 * MINUTE_MS)
    return new Date(Date.now() + ms).toISOString();
  throw new SluiceError(
    "usage",
    `Expected --expires to be a time such as 30m, 12h or 7d, got ${JSON.stringify(given)}.`,
  );
}

function shownTime(time: string): string {
  return `${time.slice(0, 16).replace("T", " ")}Z`;
}
