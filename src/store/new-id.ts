/** New TypeIDs (https://github.com/jetify-com/typeid): a prefix and a UUIDv7 in base 32, so ids sort by time. */
import { typeid } from "typeid-js";

/** Makes an id such as `job_01m84qvwcgffer2s6r76fqcz25`. */
export function newId(prefix: "job" | "file" | "runner" | "token" | "worker" | "webhook"): string {
  return typeid(prefix).toString();
}

/** The last 26 characters: what makes an id unique. */
export function idSuffix(id: string): string {
  return id.slice(id.indexOf("_") + 1);
}
