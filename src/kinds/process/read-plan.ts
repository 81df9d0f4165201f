/** Decides how a process reads a file, and by which names its records know their values. */
import type { FileStore } from "../../core/ports.ts";
import type { ProcessReading } from "../../core/process-ports.ts";
import { planReading } from "../import/plan-reading.ts";
import { readSample } from "../import/read-sample.ts";

/** Plans reading over the files of a store. */
export function createProcessReading(files: FileStore): ProcessReading {
  return {
    plan: async (file, options) => {
      // Before the first byte is read: what is written to the file from here on is found out.
      const stat = await files.stat(file.id);
      const sample = await readSample(files, file, { reading: options, isMeasured: true });
      const input = { ...sample, file, ...(stat === null ? {} : { sourceVersion: stat.version }) };
      const { plan, header } = planReading(input, options);
      return { plan, header: header.texts, fields: fieldNames(header.texts) };
    },
  };
}

/**
 * Unique names for the fields of a header: its texts, `name_2` where `name` is taken, and `column_3` where the third has
 * none.
 */
export function fieldNames(header: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return header.map((text, at) => {
    const wanted = text === "" ? `column_${at + 1}` : text;
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) name = `${wanted}_${number}`;
    taken.add(name);
    return name;
  });
}
