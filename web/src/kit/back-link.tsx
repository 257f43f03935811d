import { Button } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

/** From one record back to all of them. */
export function BackLink({ to, label }: { to: string; label: string }) {
  return (
    <Button
      variant="subtle"
      color="gray"
      className="back-link"
      leftSection={<IconArrowLeft size={16} aria-hidden />}
      renderRoot={(props) => <Link to={to} {...props} />}
    >
      {label}
    </Button>
  );
}
