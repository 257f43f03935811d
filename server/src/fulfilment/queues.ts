import type { Ctx } from '../db/index.ts';
import { createRecorder, type Recorder } from './record.ts';
import { createSettler, type Settler } from './settler.ts';

/** Opens what gathers the answers of all providers on their way to the database; one per worker. */
export function createDeliveryQueues(ctx: Ctx): { recorder: Recorder; settler: Settler } {
  return { recorder: createRecorder(ctx), settler: createSettler(ctx) };
}
