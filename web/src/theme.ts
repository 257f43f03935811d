import { createTheme, type MantineColorsTuple } from '@mantine/core';

const shades = [0.93, 0.84, 0.68, 0.5, 0.32, 0.14, 0, 0.12, 0.26, 0.42];
const baseShade = 6;

type Rgb = [number, number, number];

/**
 * The app's looks, in the operator's accent colour (`#rrggbb`). `close` is what a screen reader
 * calls the cross that closes something.
 */
export function makeTheme(accent: string, close: string) {
  return createTheme({
    primaryColor: 'accent',
    primaryShade: 6,
    autoContrast: true,
    respectReducedMotion: true,
    // Darker grounds have white letters at a contrast of 4.5 or more; lighter ones black.
    luminanceThreshold: 0.183,
    colors: { accent: makeShades(accent), dark: ink },
    fontFamily:
      '"Inter", ui-sans-serif, system-ui, -apple-system, "Segoe UI", "PingFang SC", ' +
      '"Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif',
    fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace',
    defaultRadius: 'md',
    cursorType: 'pointer',
    headings: {
      fontWeight: '650',
      sizes: {
        h1: { fontSize: '1.5rem', lineHeight: '1.3' },
        h2: { fontSize: '1.125rem', lineHeight: '1.4' },
        h3: { fontSize: '1rem', lineHeight: '1.45' },
      },
    },
    components: {
      // Compact buttons and chips have letters as small as all others.
      Button: {
        vars: (_: unknown, { size }: { size?: unknown }) => ({
          root: size === 'compact-md' ? { '--button-fz': 'var(--mantine-font-size-sm)' } : {},
        }),
      },
      Chip: {
        vars: (_: unknown, { size }: { size?: unknown }) => ({
          root: size === 'md' ? { '--chip-fz': 'var(--mantine-font-size-sm)' } : {},
        }),
      },
      // A placeholder is no item, as all in a menu must be: the first item has the focus instead.
      Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
      Paper: { defaultProps: { radius: 'lg' } },
      Modal: { defaultProps: { radius: 'lg', centered: true } },
      ModalCloseButton: { defaultProps: { 'aria-label': close } },
      Drawer: { defaultProps: { radius: 'lg' } },
      DrawerCloseButton: { defaultProps: { 'aria-label': close } },
      Alert: { defaultProps: { closeButtonLabel: close } },
      Notification: { defaultProps: { closeButtonProps: { 'aria-label': close } } },
      Table: { defaultProps: { verticalSpacing: 'sm', horizontalSpacing: 'md' } },
      Badge: { defaultProps: { radius: 'sm', variant: 'light' } },
      Tooltip: { defaultProps: { withArrow: true, openDelay: 200, multiline: true } },
    },
  });
}

/** Greys of the dark scheme: a little green in them, so that the accent belongs to them. */
const ink: MantineColorsTuple = [
  '#d6dcda',
  '#b6bfbc',
  '#98a3a0',
  '#6d7875',
  '#4a5452',
  '#353e3c',
  '#262e2c',
  '#1c2321',
  '#141a19',
  '#0d1211',
];

/** Ten shades from one colour: towards white before it, towards black after it. */
function makeShades(accent: string): MantineColorsTuple {
  const rgb = parse(accent);
  const [a, b, c, d, e, f, g, h, i, j] = shades.map((part, index) =>
    format(mix(rgb, index < baseShade ? 255 : 0, part)),
  ) as [string, string, string, string, string, string, string, string, string, string];
  return [a, b, c, d, e, f, g, h, i, j];
}

function parse(colour: string): Rgb {
  const at = (start: number) => Number.parseInt(colour.slice(start, start + 2), 16);
  return [at(1), at(3), at(5)];
}

function mix([red, green, blue]: Rgb, target: number, part: number): Rgb {
  const blend = (value: number) => Math.round(value + (target - value) * part);
  return [blend(red), blend(green), blend(blue)];
}

function format(rgb: Rgb): string {
  return `#${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
