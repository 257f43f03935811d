/** Whether PostgreSQL stores a text as it is: it takes no NUL, and no half of a letter. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}
