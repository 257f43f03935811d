import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';

/** The name of what a row of a list is about: the way to its page for who has no mouse. */
export function RowLink({ to, name }: { to: string; name: string }) {
  return (
    <Anchor
      size="sm"
      fw={600}
      className="long"
      renderRoot={(props) => (
        // The row would open it once more.
        <Link to={to} onClick={(event) => event.stopPropagation()} {...props} />
      )}
    >
      {name}
    </Anchor>
  );
}
