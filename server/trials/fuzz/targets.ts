import { openApiV2 } from './api-v2.ts';
import type { Target } from './target.ts';
import { openUpstreamReplies } from './upstream.ts';

/** What can be fuzzed, by name. */
export const targets: Readonly<Record<string, () => Promise<Target>>> = {
  'api-v2': openApiV2,
  upstream: openUpstreamReplies,
};
