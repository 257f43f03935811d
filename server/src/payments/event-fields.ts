import { z } from 'zod';
import { isStorable } from '../base/index.ts';

/** What a gateway calls something: an event, a payment of its own, a dispute. */
export const gatewayId = z.string().min(1).max(255).refine(isStorable);

/** A gateway's own time, in seconds: not before 1970, and a moment that can be told. */
export const gatewaySeconds = z.int().min(0).max(100_000_000_000);
