/** A stranger's text as the database can keep it: without NUL and halves of letters. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '');
}
