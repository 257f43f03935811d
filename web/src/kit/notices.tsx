import { useNotifications } from '@mantine/notifications';
import { lazy, Suspense, useState } from 'react';

const NoticesCorner = lazy(() => import('./notices-corner.tsx'));

/** Notices in the corner; what draws them is fetched for the first one. */
export function Notices() {
  const { notifications, queue } = useNotifications();
  const [isNeeded, setNeeded] = useState(false);
  if (!isNeeded && notifications.length + queue.length > 0) setNeeded(true);
  if (!isNeeded) return null;
  return (
    <Suspense>
      <NoticesCorner />
    </Suspense>
  );
}
