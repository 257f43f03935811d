import { z } from '@hono/zod-openapi';
import type { OrderId } from '../../base/index.ts';

/** A status as everybody reads it. */
export const statusSchema = z.enum([
  'Pending',
  'In progress',
  'Processing',
  'Completed',
  'Partial',
  'Canceled',
  'Active',
  'Paused',
  'Expired',
]);

export const kindSchema = z.enum(['single', 'drip_feed', 'subscription']);

const idSchema = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** The number of an order, in a path or a query. */
export const orderIdSchema = idSchema.transform((id) => BigInt(id) as OrderId);

/** Some orders' numbers, in a body. */
export const orderIdsSchema = z
  .array(z.int().min(1))
  .min(1)
  .max(100)
  .transform((ids) => ids.map((id) => BigInt(id) as OrderId));
