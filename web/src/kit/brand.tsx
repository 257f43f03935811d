import { Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { usePanel } from '../session.ts';

/** The panel's logo and name, leading home. */
export function Brand() {
  const { panel } = usePanel();
  return (
    <Group gap="xs" className="brand" renderRoot={(props) => <Link to="/" {...props} />}>
      <img src={`/logo?v=${panel.logoVersion}`} alt="" width={28} height={28} />
      <Text fw={700} className="one-line">
        {panel.name}
      </Text>
    </Group>
  );
}
