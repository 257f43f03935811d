import { ActionIcon, Menu, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDots } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { showDone } from '../../kit/problems.ts';
import { askFirst } from '../../kit/questions.ts';
import type { Shown } from './add-form.tsx';
import { EditForm } from './edit-form.tsx';
import { InviteForm } from './invite-form.tsx';
import { useStaffProblem } from './problem.tsx';
import { type Member, staffQuery } from './queries.ts';

type Props = { member: Member; self: Member | undefined; onShown: (shown: Shown) => void };

/** What can be done with a member of staff. */
export function MemberActions({ member, self, onShown }: Props) {
  const { t } = useTranslation('admin');
  const [open, setOpen] = useState<'edit' | 'invite'>();
  const commands = useCommands(member, onShown);
  const { name, status, login } = member;
  const ask = useAsk(name);
  const isActive = status === 'active';
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            loading={commands.isPending}
            aria-label={t('staff.actionsOf', { name })}
          >
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setOpen('edit')}>{t('staff.edit')}</Menu.Item>
          {login === null ? (
            <Menu.Item onClick={() => setOpen('invite')}>{t('staff.invite')}</Menu.Item>
          ) : (
            <>
              <Menu.Item onClick={() => ask('link', () => commands.mutate('link'))}>
                {t('staff.link')}
              </Menu.Item>
              <Menu.Item
                disabled={login.sessions === 0}
                onClick={() => ask('endSessions', () => commands.mutate('endSessions'))}
              >
                {t('staff.endSessions')}
              </Menu.Item>
              <Menu.Item
                disabled={!login.hasTwoFactor && login.passkeys === 0}
                onClick={() => ask('reset', () => commands.mutate('reset'))}
              >
                {t('staff.reset')}
              </Menu.Item>
            </>
          )}
          <Menu.Item
            onClick={() =>
              isActive
                ? ask('disable', () => commands.mutate('disable'))
                : commands.mutate('enable')
            }
          >
            {t(isActive ? 'staff.disable' : 'staff.enable')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === 'edit' && (
        <EditForm member={member} self={self} onClose={() => setOpen(undefined)} />
      )}
      {open === 'invite' && (
        <InviteForm member={member} onShown={onShown} onClose={() => setOpen(undefined)} />
      )}
    </>
  );
}

type Command = 'link' | 'endSessions' | 'reset' | 'disable' | 'enable';

function useAsk(name: string) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  return (command: Exclude<Command, 'enable'>, onConfirm: () => void) =>
    askFirst({
      title: `${t(`staff.${command}`)}: ${name}`,
      children: <Text size="sm">{t(`staff.${command}Text`, { name })}</Text>,
      labels: { confirm: t(`staff.${command}`), cancel: words('states.cancel') },
      confirmProps: command === 'link' ? {} : { color: 'red' },
      onConfirm,
    });
}

function useCommands(member: Member, onShown: (shown: Shown) => void) {
  const { t } = useTranslation('admin');
  const textOf = useStaffProblem();
  const queryClient = useQueryClient();
  const param = { staffId: String(member.id) };
  const one = adminApi.staff[':staffId'];
  const setStatus = (status: Member['status']) => call(one.$patch({ param, json: { status } }));
  return useMutation({
    mutationFn: async (command: Command): Promise<void> => {
      if (command === 'link') {
        const { link } = await call(one['password-link'].$post({ param }));
        return onShown({ name: member.name, link });
      }
      if (command === 'endSessions') {
        const { ended } = await call(one.sessions.$delete({ param }));
        return showDone(t('staff.ended', { count: ended }));
      }
      if (command === 'reset') {
        await call(one['second-factors'].$delete({ param }));
        return showDone(t('staff.resetDone'));
      }
      await setStatus(command === 'enable' ? 'active' : 'suspended');
      showDone(t('staff.changed'));
    },
    onError: (error) => {
      notifications.show({ color: 'red', message: textOf(error), autoClose: 8_000 });
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: staffQuery.queryKey }),
  });
}
