import { useComputedColorScheme } from '@mantine/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './documentation.module.css';

/** The documentation of the panel API, a page of its own, in the app's language and scheme. */
export function Documentation() {
  const { t, i18n } = useTranslation();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const frame = useRef<HTMLIFrameElement>(null);
  // Another address would load it anew and lose the reader's place.
  const [asked] = useState(scheme);
  const follow = useCallback(() => {
    const page = frame.current?.contentDocument?.documentElement;
    if (page !== undefined) page.dataset.scheme = scheme;
  }, [scheme]);
  useEffect(follow, [follow]);
  const language = i18n.language.startsWith('zh') ? 'zh' : 'en';
  return (
    <iframe
      ref={frame}
      className={classes.frame}
      src={`/api?${new URLSearchParams({ lang: language, scheme: asked, framed: '1' })}`}
      title={t('api.documentation')}
      onLoad={follow}
    />
  );
}
