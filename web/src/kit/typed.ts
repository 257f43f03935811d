import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';

const typingPauseMs = 400;

/**
 * The text of a field whose value lives in the address, and what takes what is typed. `onChange` is
 * told it once there is a pause.
 */
export function useTyped(value: string, onChange: (text: string) => void) {
  const [text, setText] = useState(value);
  // What was typed comes back as the address; only another address is a reason to change the field.
  const sent = useRef(value);
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    setText(value);
  }, [value]);
  const send = useDebouncedCallback((typed: string) => {
    sent.current = typed.trim();
    onChange(sent.current);
  }, typingPauseMs);
  const type = (typed: string) => {
    setText(typed);
    send(typed);
  };
  return [text, type] as const;
}
