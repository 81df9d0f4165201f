/**
 * Names of encodings: which are read, and what they are called in plans. A name that is not here is refused, also where
 * a library would know it: stateful encodings because a checkpoint cannot stand inside them, others because nobody said
 * what their bytes mean.
 */
import iconv from "iconv-lite";

const ALIASES: Readonly<Record<string, string>> = {
  utf8: "utf-8",
  cp65001: "utf-8",
  utf16le: "utf-16le",
  cp1200: "utf-16le",
  utf16be: "utf-16be",
  cp1201: "utf-16be",
  latin1: "iso-8859-1",
  koi8r: "koi8-r",
  shiftjis: "shift_jis",
  sjis: "shift_jis",
  eucjp: "euc-jp",
  euckr: "euc-kr",
  gb18030: "gb18030",
  gbk: "gb18030",
  gb2312: "gb18030",
  big5: "big5",
};
const WINDOWS = /^windows(125[0-8])$/;
const ISO = /^iso8859(\d{1,2})$/;
const CODE_PAGE = /^cp\d{3,5}$/;

/** The canonical name of a declared encoding, in lower case; null when it is not read. */
export function encodingNamed(text: string): string | null {
  const plain = text.toLowerCase().replaceAll(/[-_ ]/g, "");
  const known = Object.hasOwn(ALIASES, plain) ? ALIASES[plain] : undefined;
  if (known !== undefined) return known;
  const windows = WINDOWS.exec(plain)?.[1];
  if (windows !== undefined) return `windows-${windows}`;
  const part = ISO.exec(plain)?.[1];
  const name = part === undefined ? plain : `iso-8859-${part}`;
  const isPossible = part !== undefined || CODE_PAGE.test(plain);
  return isPossible && iconv.encodingExists(name) ? name : null;
}
