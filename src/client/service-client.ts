/**
 * What a client can ask that is about no job: whether the service is there, files, tables, processes, tokens and webhooks.
 * `SluiceClient` has the rest, and says what holds for all of it.
 */
import type { FileList, FileView } from "../api/schemas/file.ts";
import type { InspectBody, InspectionView } from "../api/schemas/inspection.ts";
import type { ProcessList, ProcessView } from "../api/schemas/process.ts";
import type { TableList, TableView } from "../api/schemas/table.ts";
import type { CreateTokenBody, NewTokenView, TokenList } from "../api/schemas/token.ts";
import type {
  CreateWebhookBody,
  DeliveryList,
  DeliveryView,
  NewWebhookView,
  WebhookList,
} from "../api/schemas/webhook.ts";
import type { PageQuery } from "./client-options.ts";
import { hookPathOf } from "./paths.ts";
import { getJson, postJson, send, type Connection } from "./transport.ts";
import { streamUpload, type UploadOptions, type UploadSource } from "./upload.ts";

/** See the head of this file. */
export class ServiceClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Address of the service, without a final slash. */
  get url(): string {
    return this.#connection.url;
  }

  /** Whether a Sluice service answers at all, within `timeoutMs`. Never throws. */
  async isAlive(timeoutMs: number): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      await send(this.#connection, { path: "/healthz", signal });
      return true;
    } catch {
      return false; // that nothing answers is the finding itself
    }
  }

  /**
   * Uploads a file under a name, as a stream: memory does not grow with it. The file exists only once this returns.
   * Errors also: `file_too_large`, `storage_full`; what `source` throws is thrown again.
   */
  uploadFile(name: string, source: UploadSource, options: UploadOptions = {}): Promise<FileView> {
    return streamUpload(this.#connection, name, source, options);
  }

  /** A stored file. Errors also: `not_found`. */
  getFile(fileId: string): Promise<FileView> {
    return getJson(this.#connection, `/v1/files/${encodeURIComponent(fileId)}`);
  }

  /** One page of the stored files, newest first. */
  listFiles(query: PageQuery = {}): Promise<FileList> {
    return getJson(this.#connection, "/v1/files", { ...query });
  }

  /** Removes a file. Errors also: `not_found`, `file_in_use`. */
  async deleteFile(fileId: string): Promise<void> {
    await send(this.#connection, {
      method: "DELETE",
      path: `/v1/files/${encodeURIComponent(fileId)}`,
    });
  }

  /** Looks at a file as an import would. Errors also: the refusals of the reader. */
  inspectFile(fileId: string, body: InspectBody = {}): Promise<InspectionView> {
    return postJson(this.#connection, `/v1/files/${encodeURIComponent(fileId)}/inspect`, body);
  }

  /** One page of the tables and views that can be read, in the order of their names. */
  listTables(query: PageQuery = {}): Promise<TableList> {
    return getJson(this.#connection, "/v1/tables", { ...query });
  }

  /** A table with its columns, by `table` or `schema.table`. Errors also: `not_found`. */
  getTable(table: string): Promise<TableView> {
    return getJson(this.#connection, `/v1/tables/${encodeURIComponent(table)}`);
  }

  /** The processes of the service's folder, and the files of it that do not load. */
  listProcesses(): Promise<ProcessList> {
    return getJson(this.#connection, "/v1/processes");
  }

  /** A process of the service's folder. Errors also: `not_found`, `process_broken`. */
  getProcess(name: string): Promise<ProcessView> {
    return getJson(this.#connection, `/v1/processes/${encodeURIComponent(name)}`);
  }

  /** Makes a token. Errors also: `not_found` for its job. */
  createToken(body: CreateTokenBody): Promise<NewTokenView> {
    return postJson(this.#connection, "/v1/tokens", body);
  }

  /** One page of the tokens that were not revoked, newest first. */
  listTokens(query: PageQuery = {}): Promise<TokenList> {
    return getJson(this.#connection, "/v1/tokens", { ...query });
  }

  /** Revokes a token. Errors also: `not_found`. */
  async revokeToken(tokenId: string): Promise<void> {
    const path = `/v1/tokens/${encodeURIComponent(tokenId)}`;
    await send(this.#connection, { method: "DELETE", path });
  }

  /** Tells an address what becomes of jobs. The answer has the secret that verifies what is sent. */
  createWebhook(body: CreateWebhookBody): Promise<NewWebhookView> {
    return postJson(this.#connection, "/v1/webhooks", body);
  }

  /** One page of the webhooks, newest first. */
  listWebhooks(query: PageQuery = {}): Promise<WebhookList> {
    return getJson(this.#connection, "/v1/webhooks", { ...query });
  }

  /** Removes a webhook with its messages. Errors also: `not_found`. */
  async deleteWebhook(webhookId: string): Promise<void> {
    await send(this.#connection, { method: "DELETE", path: hookPathOf(webhookId) });
  }

  /** One page of the messages of a webhook, newest first. Errors also: `not_found`. */
  listDeliveries(webhookId: string, query: PageQuery = {}): Promise<DeliveryList> {
    return getJson(this.#connection, `${hookPathOf(webhookId)}/deliveries`, { ...query });
  }

  /** Sends a message again. Errors also: `not_found`. */
  replayDelivery(webhookId: string, deliveryId: string): Promise<DeliveryView> {
    const delivery = encodeURIComponent(deliveryId);
    return postJson(this.#connection, `${hookPathOf(webhookId)}/deliveries/${delivery}/replay`, {});
  }
}
