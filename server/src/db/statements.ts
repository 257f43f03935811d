/**
 * What a semicolon ends nothing within, as PostgreSQL reads SQL: comments to the end of a line, the
 * beginning of other comments, texts with and without backslashes, quoted names, dollar quotes, and
 * words, in which a dollar or an E begins no text; or else one character.
 */
const tokens = new RegExp(
  [
    String.raw`(?<line>--[^\n]*)`,
    String.raw`(?<comment>/\*)`,
    String.raw`E'(?:[^'\\]|\\.)*'`,
    `'[^']*'`,
    `"[^"]*"`,
    String.raw`\$(?<tag>(?:[a-z_\x80-\uffff][\w\x80-\uffff]*)?)\$.*?\$\k<tag>\$`,
    String.raw`[\w\x80-\uffff][\w$\x80-\uffff]*`,
    String.raw`(?<space>\s+)`,
    '.',
  ].join('|'),
  'gis',
);

/**
 * Takes SQL apart into its statements, without the semicolons; comments alone are none.
 * Of functions whose body is `begin atomic` it knows nothing: their semicolons would end them.
 */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let from = 0;
  let isEmpty = true;
  const end = (at: number) => {
    if (!isEmpty) statements.push(text.slice(from, at).trim());
    from = at + 1;
    isEmpty = true;
  };
  const reader = new RegExp(tokens);
  for (let token = reader.exec(text); token !== null; token = reader.exec(text)) {
    const { line, comment, space } = token.groups ?? {};
    if (comment !== undefined) reader.lastIndex = endOfComment(text, token.index);
    else if (token[0] === ';') end(token.index);
    else if (line === undefined && space === undefined) isEmpty = false;
  }
  end(text.length);
  return statements;
}

/** Where a comment ends that begins here; there may be others within it. */
function endOfComment(text: string, at: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = at;
  let depth = 0;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return text.length;
}
