import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useTyped } from './typed.ts';

type Props = {
  label: string;
  placeholder: string;
  value: string;
  /** Is told what was typed once there is a pause. */
  onChange: (text: string) => void;
};

/** A field to search by, whose value lives in the address. */
export function SearchField({ label, placeholder, value, onChange }: Props) {
  const [text, type] = useTyped(value, onChange);
  return (
    <TextInput
      flex="2 1 220px"
      type="search"
      label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={16} aria-hidden />}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
    />
  );
}
