/**
 * A moment as PostgreSQL reads it, for postgres.js, which writes years beyond 9999 and before 1 in
 * a way that PostgreSQL refuses. Callers do ask for what was before the year 10000.
 */
export const momentType = {
  to: 1184,
  from: [1082, 1114, 1184],
  serialize: (moment: Date | string | number) =>
    formatMoment(moment instanceof Date ? moment : new Date(moment)),
  parse: (text: string) => new Date(text),
};

/** Before the year 1 nothing of a panel's has been, so that is before everything. */
function formatMoment(moment: Date): string {
  if (moment.getUTCFullYear() < 1) return '-infinity';
  return moment.toISOString().replace(/^\+0*/, '');
}
