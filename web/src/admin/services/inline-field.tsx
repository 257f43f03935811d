import { Popover, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useRef, useState } from 'react';
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
  /** What can't be right with a value, in words; null: nothing. */
  check: (value: string) => string | null;
  /** Rejects when the value is refused; then the field stays open and says why. */
  onSave: (value: string) => Promise<unknown>;
};

/** A value that becomes a field when it is clicked: Enter saves, Escape leaves it as it was. */
export function InlineField(props: Props) {
  const { t } = useTranslation('admin');
  const { field, name, value, shown = value, isFigure, isStrong } = props;
  const [isOpen, setOpen] = useState(false);
  // Who works by keys stays where they were.
  const returnsFocus = useRef(false);
  if (isOpen) {
    const close = (isByKey: boolean) => {
      returnsFocus.current = isByKey;
      setOpen(false);
    };
    return <OpenField {...props} onClose={close} />;
  }
  return (
    <UnstyledButton
      ref={(element) => {
        if (!returnsFocus.current) return;
        returnsFocus.current = false;
        element?.focus();
      }}
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

type OpenProps = Props & { onClose: (isByKey: boolean) => void };

function OpenField({ onClose, ...props }: OpenProps) {
  const { field, name, value, isFigure, inputMode = 'text', check, onSave } = props;
  const textOf = useProblemText();
  const [text, setText] = useState(value);
  const [error, setError] = useState<string>();
  const isSaving = useRef(false);
  const save = async (isByKey: boolean) => {
    const wanted = text.trim();
    if (wanted === value) return onClose(isByKey);
    const problem = check(wanted);
    if (problem !== null) return setError(problem);
    if (isSaving.current) return;
    isSaving.current = true;
    try {
      await onSave(wanted);
      onClose(isByKey);
    } catch (refusal) {
      setError(textOf(refusal));
    }
    isSaving.current = false;
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
          error={error !== undefined}
          {...(isFigure && { styles: { input: { textAlign: 'right' } } })}
          onChange={(event) => setText(event.currentTarget.value)}
          onFocus={(event) => event.currentTarget.select()}
          onBlur={() => (error === undefined ? void save(false) : onClose(false))}
          onKeyDown={(event) => {
            if (event.key === 'Enter') void save(true);
            if (event.key === 'Escape') onClose(true);
          }}
        />
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="sm" className={classes.loss ?? ''} role="alert">
          {error}
        </Text>
      </Popover.Dropdown>
    </Popover>
  );
}
