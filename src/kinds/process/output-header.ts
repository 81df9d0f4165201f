/** The header of a process's result. */

/** The texts of the header for these columns: a column that is a field of the file has the text of the file's header. */
export function outputHeader(
  columns: readonly string[],
  file: { readonly fields: readonly string[]; readonly header: readonly string[] },
): readonly string[] {
  return columns.map((column) => file.header[file.fields.indexOf(column)] ?? column);
}
