import type { Clock, Log } from '../base/index.ts';
import type { Db } from './connect.ts';

/**
 * What every command gets first. Modules above add their own fields; `main.ts` builds one object.
 */
export type Ctx = { db: Db; clock: Clock; log: Log };
