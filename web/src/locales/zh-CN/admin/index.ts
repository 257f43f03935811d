import type english from '../../en/admin/index.ts';
import type { SameKeys } from '../../same-keys.ts';
import frame from './frame.ts';
import orders from './orders.ts';
import queues from './queues.ts';

const texts = { frame, orders, queues };
/** The same texts in simplified Chinese; a missing one does not compile. */
export default texts satisfies SameKeys<typeof english>;
