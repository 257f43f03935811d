/** One of the things drawn for each day. */
export type Drawn = {
  name: string;
  label: string;
  /** A shade of the theme, such as `teal.6`. */
  color: string;
  type: 'bar' | 'area';
  heights: readonly (number | null)[];
  /** The heights in words, as exact as they are. */
  texts: readonly string[];
};

/** `teal.6` as the theme's variable. */
export function paintOf(color: string): string {
  return `var(--mantine-color-${color.replace('.', '-')})`;
}
