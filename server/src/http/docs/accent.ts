type Rgb = readonly [number, number, number];

const white: Rgb = [255, 255, 255];
const black: Rgb = [0, 0, 0];
/** The page's own ground in the dark, `--page` of base.css. */
const darkGround: Rgb = [20, 26, 25];
/** What small letters need, by WCAG 2. */
const contrastMin = 4.5;
const steps = 20;

/**
 * The style of the operator's accent colour (`#rrggbb`): for letters and for the ground of what is
 * marked, light and dark. A colour that is too faint to read goes as far to black or white as it
 * must. Pure.
 */
export function accentStyle(accent: string): string {
  const rgb = parse(accent);
  const light = readable(rgb, white, { target: black, part: 0.12 });
  const dark = readable(rgb, darkGround, { target: white, part: 0.3 });
  return (
    `:root {\n  --accent: light-dark(${light.letters}, ${dark.letters});\n` +
    `  --accent-tint: light-dark(${light.tint}, ${dark.tint});\n}\n`
  );
}

/** The colour as letters, and a tint of the ground that they can be read on, too. */
function readable(
  rgb: Rgb,
  ground: Rgb,
  { target, part }: { target: Rgb; part: number },
): { letters: string; tint: string } {
  const tint = mix(ground, rgb, part);
  const ways = Array.from({ length: steps + 1 }, (_, step) => mix(rgb, target, step / steps));
  const letters =
    ways.find((way) => [ground, tint].every((under) => contrast(way, under) >= contrastMin)) ??
    target;
  return { letters: format(letters), tint: format(tint) };
}

function contrast(one: Rgb, other: Rgb): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(rgb: Rgb): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((value) =>
    value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function parse(colour: string): Rgb {
  const at = (start: number) => Number.parseInt(colour.slice(start, start + 2), 16);
  return [at(1), at(3), at(5)];
}

function mix(from: Rgb, to: Rgb, part: number): Rgb {
  const blend = (index: 0 | 1 | 2) => Math.round(from[index] + (to[index] - from[index]) * part);
  return [blend(0), blend(1), blend(2)];
}

function format(rgb: Rgb): string {
  return `#${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
