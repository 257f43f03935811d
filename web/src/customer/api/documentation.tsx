import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './documentation.module.css';

/** The documentation's colours, by those of the app that stand for them. */
const colours = {
  '--page': '--surface',
  '--text': '--mantine-color-text',
  '--soft': '--mantine-color-dimmed',
  '--line': '--line',
  '--tint': '--page',
  '--accent': '--mantine-color-anchor',
  '--accent-tint': '--mantine-color-accent-light',
} as const;

/** The page at `/api`, in the app's language and colours. */
export function Documentation() {
  const { t, i18n } = useTranslation();
  const scheme = useComputedColorScheme('light');
  const frame = useRef<HTMLIFrameElement>(null);
  const paint = () => {
    const root = frame.current?.contentDocument?.documentElement;
    if (root === undefined) return;
    root.dataset.scheme = scheme;
    const own = getComputedStyle(document.documentElement);
    for (const [name, from] of Object.entries(colours)) {
      root.style.setProperty(name, own.getPropertyValue(from));
    }
  };
  // Mantine's scheme is on the document once this has run, and its colours with it.
  useEffect(() => {
    const painted = requestAnimationFrame(paint);
    return () => cancelAnimationFrame(painted);
  });
  return (
    <iframe
      ref={frame}
      className={classes.frame}
      src={`/api?lang=${i18n.language.startsWith('zh') ? 'zh' : 'en'}`}
      title={t('api.documentation')}
      onLoad={paint}
    />
  );
}
