/**
 * Where `sluice token` works: at the service that --url or SLUICE_URL names, signed in as there is needed; otherwise on the
 * database in use itself, which needs no token, so that who runs the service can always make one.
 */
import type { NewTokenView, SluiceClient, TokenView } from "../client/index.ts";
import { newTokenView, tokenView } from "../api/token-view.ts";
import type { Config } from "../config/config.ts";
import { SluiceError } from "../core/errors.ts";
import { openDatabase } from "../open-database.ts";
import { findJob } from "./job-reference.ts";
import { findFolderService, openTokens } from "./local-machine.ts";
import { requireService } from "./service-connection.ts";
import type { LocalTokens } from "../store/local-tokens.ts";

const PAGE_SIZE = 200;
const LOCAL = { by: "local" };

/** Tokens, wherever they are. */
export interface TokenDoor {
  /** Address of the service, for links; null when none runs. */
  readonly url: string | null;
  create(token: Pick<TokenView, "name" | "scope" | "job" | "expiresAt">): Promise<NewTokenView>;
  list(): Promise<readonly TokenView[]>;
  revoke(tokenId: string): Promise<void>;
  /** The id of the job that a person names. */
  jobId(reference: string): Promise<string>;
  close(): Promise<void>;
}

/** Opens the one that the configuration says. */
export async function openTokenDoor(config: Config): Promise<TokenDoor> {
  return config.url === null ? localDoor(config) : serviceDoor(await requireService(config));
}

function serviceDoor(client: SluiceClient): TokenDoor {
  return {
    url: client.url,
    create: (body) => client.createToken(body),
    list: () => allPages((page) => client.listTokens(page)),
    revoke: (tokenId) => client.revokeToken(tokenId),
    jobId: async (reference) => (await findJob(client, reference)).id,
    close: () => Promise.resolve(),
  };
}

async function localDoor(config: Config): Promise<TokenDoor> {
  const database = await openDatabase(config);
  try {
    const local = await openTokens(database.url);
    const { tokens } = local;
    return {
      url: (await findFolderService(config.dir))?.url ?? null,
      create: async ({ name, scope, job, expiresAt }) => {
        const end = expiresAt === null ? null : new Date(expiresAt);
        const made = await tokens.create({ name, scope, jobId: job, expiresAt: end }, LOCAL);
        return newTokenView(made.token, made.secret);
      },
      list: async () => (await allPages((page) => tokens.list(page))).map(tokenView),
      revoke: async (tokenId) => {
        await tokens.revoke(tokenId);
      },
      jobId: (reference) => localJobId(local, reference),
      close: async () => {
        await local.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function localJobId(local: LocalTokens, reference: string): Promise<string> {
  const isLast = reference === "last";
  const [id, other] = await local.findJobIds(
    isLast ? "" : `job_${reference.toLowerCase().replace(/^job_/, "")}`,
  );
  if (id === undefined)
    throw new SluiceError(
      "not_found",
      `No job begins with ${reference}. \`sluice jobs\` lists the jobs.`,
    );
  if (isLast || other === undefined) return id;
  throw new SluiceError("usage", `Several jobs begin with ${reference}. Type more of the id.`);
}

async function allPages<T>(
  list: (page: {
    readonly limit: number;
    readonly cursor?: string;
  }) => Promise<{ readonly items: readonly T[]; readonly next: string | null }>,
): Promise<readonly T[]> {
  const all: T[] = [];
  let next: string | null = null;
  do {
    const page: { readonly items: readonly T[]; readonly next: string | null } = await list({
      limit: PAGE_SIZE,
      ...(next === null ? {} : { cursor: next }),
    });
    all.push(...page.items);
    ({ next } = page);
  } while (next !== null);
  return all;
}
