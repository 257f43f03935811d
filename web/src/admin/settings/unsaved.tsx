import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

type Note = (section: string, isDirty: boolean) => void;

const UnsavedContext = createContext<Note>(() => {});

/** Tells the page that a section has changes which are not saved. */
export function useUnsaved(section: string, isDirty: boolean): void {
  const note = useContext(UnsavedContext);
  useEffect(() => {
    note(section, isDirty);
    return () => note(section, false);
  }, [note, section, isDirty]);
}

/** Asks before a page is left while one of its sections has changes that are not saved. */
export function UnsavedGuard({ children }: { children: ReactNode }) {
  const { t } = useTranslation('admin');
  const dirty = useRef(new Set<string>());
  const note = useCallback<Note>((section, isDirty) => {
    if (isDirty) dirty.current.add(section);
    else dirty.current.delete(section);
  }, []);
  const isDirty = () => dirty.current.size > 0;
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => current.pathname !== next.pathname && isDirty(),
    enableBeforeUnload: isDirty,
    withResolver: true,
  });
  return (
    <UnsavedContext value={note}>
      {children}
      <Modal
        opened={blocker.status === 'blocked'}
        onClose={() => blocker.reset?.()}
        title={t('settings.leaveTitle')}
      >
        <Stack gap="md">
          <Text size="sm">{t('settings.leaveText')}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => blocker.reset?.()}>
              {t('settings.stay')}
            </Button>
            <Button color="red.9" onClick={() => blocker.proceed?.()}>
              {t('settings.leave')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </UnsavedContext>
  );
}
