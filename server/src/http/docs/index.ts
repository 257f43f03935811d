import { Hono } from 'hono';
import type { PagesContext } from '../app.ts';

export function docsRoutes(_ctx: PagesContext): Hono {
  return new Hono();
}
