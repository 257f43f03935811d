import { Stack } from '@mantine/core';
import { type UseFormReturnType, useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { changed } from '../../changed.ts';
import { showDone } from '../../kit/problems.ts';
import { Section } from '../../kit/section.tsx';
import { sessionQuery } from '../../session.ts';
import { type Changeable, settingsQuery } from './queries.ts';
import { SaveRow } from './save-row.tsx';
import { useUnsaved } from './unsaved.tsx';

type Props<Values extends Partial<Changeable>> = {
  id: string;
  title: string;
  description: string;
  values: Values;
  /** Its fields stand beside each other. */
  isWide?: boolean;
  /** The fields, given the form that holds them. */
  children: (form: UseFormReturnType<Values>) => ReactNode;
};

/** A section of settings with a save button of its own. */
export function SettingsForm<Values extends Partial<Changeable>>(props: Props<Values>) {
  const { id, title, description, values, isWide = false, children } = props;
  const { t: words } = useTranslation();
  // As it was when the form was filled: what colleagues change meanwhile is not undone.
  const [before, setBefore] = useState(values);
  const form = useForm<Values>({ initialValues: values });
  const isDirty = form.isDirty();
  useUnsaved(id, isDirty);
  const saving = useSaving();
  return (
    <Section title={title} description={description}>
      <form
        onSubmit={form.onSubmit((given) =>
          saving.mutate(changed(before, given), {
            onSuccess: () => {
              setBefore(given);
              form.resetDirty(given);
              showDone(words('states.saved'));
            },
          }),
        )}
      >
        <Stack gap="md" {...(!isWide && { maw: 640 })}>
          {children(form)}
          <SaveRow saving={saving} isDirty={isDirty} />
        </Stack>
      </form>
    </Section>
  );
}

/** Saves settings; all pages show them at once. */
export function useSaving() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (json: Partial<Changeable>) => call(adminApi.settings.$patch({ json })),
    onSuccess: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: settingsQuery.queryKey }),
        queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey }),
      ]),
  });
}
