/** Numbers as the binary format of COPY has them: the highest byte first. Each returns where it ended. */

const TWO_32 = 0x1_0000_0000;

/** The low 16 bits of `value`. */
export function writeInt16(out: Uint8Array, at: number, value: number): number {
  out[at] = value >>> 8;
  out[at + 1] = value;
  return at + 2;
}

/** The low 32 bits of `value`. */
export function writeInt32(out: Uint8Array, at: number, value: number): number {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
  return at + 4;
}

/** A whole number from -2^53 to 2^53. */
export function writeInt64(out: Uint8Array, at: number, value: number): number {
  return writeInt32(out, writeInt32(out, at, Math.floor(value / TWO_32)), value % TWO_32);
}

// One view for all calls: it is written and copied before anything else can run.
const FLOAT = new DataView(new ArrayBuffer(8));
const FLOAT_BYTES = new Uint8Array(FLOAT.buffer);

/** A number of four or eight bytes, as IEEE 754 has it. */
export function writeFloat(out: Uint8Array, at: number, value: number, size: 4 | 8): number {
  if (size === 4) FLOAT.setFloat32(0, value);
  else FLOAT.setFloat64(0, value);
  for (let index = 0; index < size; index++) out[at + index] = FLOAT_BYTES[index] as number; // below the length
  return at + size;
}
