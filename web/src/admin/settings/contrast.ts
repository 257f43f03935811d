type Rgb = readonly [number, number, number];

const white: Rgb = [255, 255, 255];
const black: Rgb = [0, 0, 0];
const surfaces = { light: white, dark: [20, 26, 25] as Rgb } as const;
/** The theme's own: how much lighter than the accent links are. */
const lighterLinks = { light: 0, dark: 0.32 } as const;
/** Above this luminance the theme writes black on the accent, else white. */
const darkTextFrom = 0.183;

/** What is enough for text of usual size. */
export const contrastMin = 4.5;

export type Scheme = keyof typeof surfaces;

export type Look = {
  button: string;
  buttonText: string;
  link: string;
  surface: string;
  buttonRatio: number;
  linkRatio: number;
};

/** How an accent colour comes out in a scheme; undefined for what is no `#rrggbb`. */
export function lookOf(accent: string, scheme: Scheme): Look | undefined {
  const rgb = parse(accent);
  if (rgb === undefined) return undefined;
  const link = mix(rgb, lighterLinks[scheme]);
  const surface = surfaces[scheme];
  const text = luminance(rgb) > darkTextFrom ? black : white;
  return {
    button: format(rgb),
    buttonText: format(text),
    link: format(link),
    surface: format(surface),
    buttonRatio: ratio(rgb, text),
    linkRatio: ratio(link, surface),
  };
}

function parse(text: string): Rgb | undefined {
  const [, r, g, b] = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text.trim()) ?? [];
  if (r === undefined || g === undefined || b === undefined) return undefined;
  return [Number.parseInt(r, 16), Number.parseInt(g, 16), Number.parseInt(b, 16)];
}

function mix(rgb: Rgb, part: number): Rgb {
  const [r, g, b] = rgb.map((each) => Math.round(each + (255 - each) * part));
  return [r ?? 0, g ?? 0, b ?? 0];
}

function format(rgb: Rgb): string {
  return `#${rgb.map((each) => each.toString(16).padStart(2, '0')).join('')}`;
}

/** Relative luminance and contrast as WCAG 2 defines them. */
function luminance(rgb: Rgb): number {
  const [r = 0, g = 0, b = 0] = rgb.map((each) => {
    const share = each / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(one: Rgb, other: Rgb): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
