import { Button, type ButtonProps, Tooltip } from '@mantine/core';

type Props = ButtonProps & {
  /** Why it can't be used now; null: it can. */
  reason: string | null;
  onPress: () => void;
};

/** A button that is reached also when it can't be used, so that it can say why. */
export function ReasonedButton({ reason, onPress, ...props }: Props) {
  const isOff = reason !== null;
  return (
    <Tooltip
      label={reason}
      disabled={!isOff}
      maw={280}
      events={{ hover: true, focus: true, touch: true }}
    >
      <Button
        {...props}
        aria-disabled={isOff}
        data-disabled={isOff || undefined}
        onClick={() => {
          if (!isOff) onPress();
        }}
      />
    </Tooltip>
  );
}
