import type english from '../../en/admin/index.ts';
import type { SameKeys } from '../../same-keys.ts';
import frame from './frame.ts';

const texts = { frame };
/** The same texts in simplified Chinese; a missing one does not compile. */
export default texts satisfies SameKeys<typeof english>;
