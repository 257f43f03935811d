import { Alert, Text } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconSpeakerphone } from '@tabler/icons-react';
import { LinkedText } from '../kit/linked-text.tsx';
import { useOwnWords } from '../kit/own-words.ts';
import { usePanel } from '../session.ts';

/** What the operator has to say, until it is closed here; another text is shown again. */
export function Announcement() {
  const { panel } = usePanel();
  const announcement = useOwnWords()(panel.announcement, panel.announcementZh);
  const [closed, setClosed] = useLocalStorage({
    key: 'panelwright.announcement',
    defaultValue: '',
    getInitialValueInEffect: false,
  });
  if (announcement === '' || closed === announcement) return null;
  return (
    <Alert
      icon={<IconSpeakerphone size={18} aria-hidden />}
      withCloseButton
      onClose={() => setClosed(announcement)}
    >
      <Text size="sm" className="long" style={{ whiteSpace: 'pre-line' }}>
        <LinkedText text={announcement} />
      </Text>
    </Alert>
  );
}
