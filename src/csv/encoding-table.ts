/** What the bytes of an encoding become in UTF-8, as tables that are made once from iconv-lite. */
import iconv from "iconv-lite";

/** Trail bytes below this one are in none of the encodings: line ends and the common delimiters stand alone. */
const FIRST_TRAIL = 0x30;
const REPLACEMENT = "\uFFFD";
const ENCODER = new TextEncoder();
const SINGLES = 256;

/** One entry for each byte, then for each pair whose first byte is above 7F; see `pairEntry`. */
export interface EncodingTable {
  /** The UTF-8 of the character, its first byte lowest. */
  readonly text: Uint32Array;
  /** How many bytes that is; 0 where the bytes are no character. */
  readonly lengths: Uint8Array;
  /** 1 for each byte that begins characters of more than one. */
  readonly leads: Uint8Array;
}

/** The UTF-8 of up to four bytes as one number, its first byte lowest. */
export interface PackedText {
  readonly text: number;
  readonly length: number;
}

const TABLES = new Map<string, EncodingTable>();

/** The entry of a character of two bytes. `lead` is above 7F. */
export function pairEntry(lead: number, trail: number): number {
  return SINGLES + ((lead & 0x7f) << 8) + trail;
}

/** The table of an encoding, by its canonical name. UTF-8 stays as it is, byte by byte. Not to be changed. */
export function encodingTable(encoding: string): EncodingTable {
  const known = TABLES.get(encoding);
  if (known !== undefined) return known;
  const made = encoding === "utf-8" ? identityTable() : makeTable(encoding);
  TABLES.set(encoding, made);
  return made;
}

/** The character that the bytes are, or null. For the few that no table holds. */
export function decodeCharacter(bytes: Uint8Array, encoding: string): string | null {
  const text = iconv.decode(bytes, encoding, { stripBOM: false });
  return text.includes(REPLACEMENT) || text === "" ? null : text;
}

/** The text in an encoding, by its canonical name. Characters that the encoding lacks become `?`. */
export function encodeText(text: string, encoding: string): Uint8Array {
  return encoding === "utf-8" ? ENCODER.encode(text) : iconv.encode(text, encoding);
}

/** The text as `encodeText` writes it. */
export function encodableText(text: string, encoding: string): string {
  if (encoding === "utf-8") return text;
  return iconv.decode(iconv.encode(text, encoding), encoding, { stripBOM: false });
}

/** The UTF-8 of a character, or of the two that some pairs stand for. */
export function packedText(character: string): PackedText {
  const bytes = ENCODER.encode(character);
  let text = 0;
  for (const [index, byte] of bytes.entries()) text |= byte << (8 * index);
  return { text: text >>> 0, length: bytes.length };
}

function identityTable(): EncodingTable {
  return {
    text: Uint32Array.from({ length: SINGLES }, (_, byte) => byte),
    lengths: new Uint8Array(SINGLES).fill(1),
    leads: new Uint8Array(SINGLES),
  };
}

function makeTable(encoding: string): EncodingTable {
  const size = pairEntry(0xff, 0xff) + 1;
  const table = {
    text: new Uint32Array(size),
    lengths: new Uint8Array(size),
    leads: new Uint8Array(SINGLES),
  };
  for (let byte = 0; byte < SINGLES; byte++) {
    const character = decodeCharacter(Uint8Array.of(byte), encoding);
    if (character !== null) setEntry(table, byte, character);
    else if (byte > 0x7f) addPairs(table, byte, encoding);
  }
  return table;
}

/** Decodes all pairs of a lead byte at once, a line for each. */
function addPairs(table: EncodingTable, lead: number, encoding: string): void {
  const trails = Array.from({ length: 0x100 - FIRST_TRAIL }, (_, index) => FIRST_TRAIL + index);
  const bytes = Uint8Array.from(trails.flatMap((trail) => [lead, trail, 0x0a]));
  const lines = iconv.decode(bytes, encoding, { stripBOM: false }).split("\n");
  for (const [index, trail] of trails.entries()) {
    const character = lines[index] ?? "";
    if (character === "" || character.includes(REPLACEMENT)) continue;
    setEntry(table, pairEntry(lead, trail), character);
    table.leads[lead] = 1;
  }
}

function setEntry(table: EncodingTable, entry: number, character: string): void {
  const { text, length } = packedText(character);
  table.text[entry] = text;
  table.lengths[entry] = length;
}
