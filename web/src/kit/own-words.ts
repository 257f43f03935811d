import { useTranslation } from 'react-i18next';

/** Picks the operator's text for the reader's language; where there is one only, that. */
export function useOwnWords(): (text: string, chinese: string) => string {
  const { i18n } = useTranslation();
  return (text, chinese) => (i18n.language === 'zh-CN' ? chinese || text : text || chinese);
}
