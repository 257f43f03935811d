import { Notifications } from '@mantine/notifications';

/** The corner that notices are drawn in: a file of its own, so that nothing else fetches it. */
export default function NoticesCorner() {
  return <Notifications position="top-right" zIndex={1000} className="below-header" />;
}
