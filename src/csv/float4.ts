/** Rounds a decimal to a number of four bytes as the server does: once, to the nearest, a tie to the even one. */
import { asciiText } from "./bytes.ts";

const BITS = new DataView(new ArrayBuffer(8));

/**
 * The number of four bytes that is the nearest to the decimal in the span, of which `wide` is the nearest of eight.
 * Rounding twice goes wrong only where `wide` lies in the middle between two numbers of four bytes and the decimal does
 * not: there the decimal itself decides.
 */
export function toFloat4(wide: number, bytes: Uint8Array, start: number, end: number): number {
  const rounded = Math.fround(wide);
  if (rounded === wide || !Number.isFinite(rounded)) return rounded;
  const other = neighbor(rounded, wide > rounded);
  if (wide - rounded !== other - wide) return rounded;
  const side = compare(asciiText(bytes, start, end), wide);
  if (side === 0) return rounded;
  return side > 0 ? Math.max(rounded, other) : Math.min(rounded, other);
}

/** The number of four bytes next to `value`, which is not 0. */
function neighbor(value: number, isAbove: boolean): number {
  BITS.setFloat32(0, value);
  BITS.setInt32(0, BITS.getInt32(0) + (value > 0 === isAbove ? 1 : -1));
  return BITS.getFloat32(0);
}

/** Below, at or above 0 as the decimal is below, at or above the number, exactly. */
function compare(text: string, value: number): number {
  const [, sign = "", whole = "", fraction = "", power = "0"] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = BigInt(`${whole}${fraction}`) * (sign === "-" ? -1n : 1n);
  const exponent = Number(power) - fraction.length;
  const { mantissa, shift } = takeApart(value);
  // digits * 10^exponent against mantissa * 2^shift, with what is below the line multiplied out.
  const left = digits * 10n ** BigInt(Math.max(exponent, 0)) * 2n ** BigInt(Math.max(-shift, 0));
  const right = mantissa * 2n ** BigInt(Math.max(shift, 0)) * 10n ** BigInt(Math.max(-exponent, 0));
  if (left === right) return 0;
  return left > right ? 1 : -1;
}

/** A number of eight bytes as `mantissa * 2^shift`. */
function takeApart(value: number): { readonly mantissa: bigint; readonly shift: number } {
  BITS.setFloat64(0, value);
  const bits = BITS.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const size = exponent === 0 ? fraction : fraction | 0x10_0000_0000_0000n;
  return { mantissa: value < 0 ? -size : size, shift: Math.max(exponent, 1) - 1075 };
}
