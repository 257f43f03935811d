import { Popover, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useProblemText } from '../../kit/problems.ts';
import classes from './catalog.module.css';

type Props = {
  /** What it is and whose, for screen readers. */
  field: string;
  name: string;
  value: string;
  shown?: string;
  isFigure?: boolean;
  isStrong?: boolean;
  inputMode?: 'text' | 'decimal' | 'numeric';
  /** Rejects when the value is refused; then the field stays open and says why. */
  onSave: (value: string) => Promise<unknown>;
};

/** A value that becomes a field when it is clicked: Enter saves, Escape leaves it as it was. */
export function InlineField(props: Props) {
  const { t } = useTranslation('admin');
  const { field, name, value, shown = value, isFigure, isStrong } = props;
  const [isOpen, setOpen] = useState(false);
  if (isOpen) return <OpenField {...props} onClose={() => setOpen(false)} />;
  return (
    <UnstyledButton
      className={classes.cell}
      data-figure={isFigure}
      aria-label={t('services.editCell', { field, name, value: shown })}
      onClick={() => setOpen(true)}
    >
      <Text span inherit {...(isStrong && { fw: 600 })} className={isFigure ? 'figures' : 'long'}>
        {shown || '–'}
      </Text>
    </UnstyledButton>
  );
}

function OpenField({ onClose, ...props }: Props & { onClose: () => void }) {
  const { field, name, value, isFigure, inputMode = 'text', onSave } = props;
  const textOf = useProblemText();
  const [text, setText] = useState(value);
  const [error, setError] = useState<string>();
  const [isSaving, setSaving] = useState(false);
  const save = async () => {
    const wanted = text.trim();
    if (wanted === value) return onClose();
    setSaving(true);
    try {
      await onSave(wanted);
      onClose();
    } catch (refusal) {
      setError(textOf(refusal));
      setSaving(false);
    }
  };
  return (
    <Popover opened={error !== undefined} position="bottom-start" width={280} trapFocus={false}>
      <Popover.Target>
        <TextInput
          size="xs"
          autoFocus
          aria-label={`${field}: ${name}`}
          value={text}
          inputMode={inputMode}
          disabled={isSaving}
          error={error !== undefined}
          {...(isFigure && { styles: { input: { textAlign: 'right' } } })}
          onChange={(event) => setText(event.currentTarget.value)}
          onFocus={(event) => event.currentTarget.select()}
          onBlur={() => (error === undefined ? void save() : onClose())}
          onKeyDown={(event) => {
            if (event.key === 'Enter') void save();
            if (event.key === 'Escape') onClose();
          }}
        />
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="sm" c="red" role="alert">
          {error}
        </Text>
      </Popover.Dropdown>
    </Popover>
  );
}
