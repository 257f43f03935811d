/** One of the things drawn for each day. */
export type Drawn = {
  name: string;
  label: string;
  /** `accent`, or a shade of the theme, such as `teal.6`. */
  color: string;
  type: 'bar' | 'area';
  heights: readonly (number | null)[];
  /** The heights in words, as exact as they are. */
  texts: readonly string[];
};

/** `teal.6` as the theme's variable; the panel's own colour as it shows on this ground. */
export function paintOf(color: string): string {
  if (color === 'accent') return 'var(--chart-accent)';
  return `var(--mantine-color-${color.replace('.', '-')})`;
}
