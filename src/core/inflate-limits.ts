/** How far a packed file may swell. */
import { SluiceError } from "./errors.ts";
import type { DecidedReading } from "./reading-options.ts";

/** A short file may be all zeros; the ratio counts from here on. */
const RATIO_FROM_BYTES = 16 * 1024 * 1024;

/** The limits, as in the reading options. */
export type InflateLimits = Pick<DecidedReading, "maxInflatedBytes" | "maxInflateRatio">;

/** Errors: `inflate_limit` when `packedBytes` have become more than the limits allow. */
export function refuseTooMuch(
  inflatedBytes: number,
  packedBytes: number,
  { maxInflatedBytes, maxInflateRatio }: InflateLimits,
): void {
  const isTooLong = inflatedBytes > maxInflatedBytes;
  const isTooDense =
    inflatedBytes >= RATIO_FROM_BYTES && inflatedBytes > packedBytes * maxInflateRatio;
  if (!isTooLong && !isTooDense) return;
  const limit = isTooLong
    ? `${maxInflatedBytes.toLocaleString("en-US")} bytes (maxInflatedBytes)`
    : `${maxInflateRatio} times its own size (maxInflateRatio)`;
  throw new SluiceError(
    "inflate_limit",
    `Expected the compressed file to inflate to at most ${limit}, but ${packedBytes.toLocaleString("en-US")} bytes of it became ${inflatedBytes.toLocaleString("en-US")}.`,
    { details: { inflatedBytes, packedBytes } },
  );
}
