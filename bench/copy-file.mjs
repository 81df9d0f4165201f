// `node copy-file.mjs URL TABLE FILE`: what psql's \copy does, over the same protocol, for machines without psql.
import { createReadStream } from "node:fs";
import pg from "pg";

/** A query that sends a file as the data of its COPY. Given to `client.query`. */
class FileCopy {
  constructor(text, path) {
    this.text = text;
    this.path = path;
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.done.catch(() => undefined);
  }

  submit(connection) {
    connection.query(this.text);
  }

  handleCopyInResponse(connection) {
    this.send(connection).catch((error) => connection.sendCopyFail(String(error)));
  }

  async send(connection) {
    for await (const piece of createReadStream(this.path, { highWaterMark: 64 * 1024 })) {
      connection.sendCopyFromChunk(piece);
      if (connection.stream.writableNeedDrain)
        await new Promise((resolve) => connection.stream.once("drain", resolve));
    }
    connection.endCopyFrom();
  }

  handleCommandComplete() {
    // The number of rows is looked at afterwards.
  }

  handleError(error) {
    this.reject(error);
  }

  handleReadyForQuery() {
    this.resolve();
  }
}

const [url, table, file] = process.argv.slice(2);
const client = new pg.Client(url);
await client.connect();
const copy = new FileCopy(`copy ${table} from stdin with (format csv, header)`, file);
client.query(copy);
await copy.done;
await client.end();
