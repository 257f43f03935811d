type Request = { text: string; requestId: string };

/** The lines of a text that say something. */
export function linesOf(text: string): string[] {
  return text
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/**
 * Gives each line a request id, and the same one whenever that line is sent again: an answer that
 * was lost costs no second order, also when other lines were changed meanwhile. The same line twice
 * is two orders. What was placed is forgotten, so the line can be ordered anew.
 */
export function createLineIds() {
  const known = new Map<string, string[]>();
  return {
    request: (lines: readonly string[]): Request[] => {
      const used = new Map<string, number>();
      return lines.map((text) => {
        const at = used.get(text) ?? 0;
        used.set(text, at + 1);
        const ids = known.get(text) ?? [];
        const requestId = ids[at] ?? `mass-${crypto.randomUUID()}`;
        ids[at] = requestId;
        known.set(text, ids);
        return { text, requestId };
      });
    },
    forget: (requests: readonly Request[]): void => {
      for (const { text, requestId } of requests) {
        const ids = known.get(text) ?? [];
        known.set(
          text,
          ids.filter((id) => id !== requestId),
        );
      }
    },
  };
}
