import type { Service } from './queries.ts';

export type ServiceType = Service['type'];

// All of them: one that is added to the server and not here does not compile.
const all = {
  Default: true,
  Package: true,
  'Custom Comments': true,
  'Custom Comments Package': true,
  Mentions: true,
  'Mentions with Hashtags': true,
  'Mentions Custom List': true,
  'Mentions Hashtag': true,
  'Mentions User Followers': true,
  'Mentions Media Likers': true,
  'Comment Likes': true,
  'Comment Replies': true,
  Poll: true,
  'Invites from Groups': true,
  Subscriptions: true,
  SEO: true,
  'Web Traffic': true,
} as const satisfies Record<ServiceType, true>;

/** Every type a service can have, the plain one first. */
export const serviceTypes = Object.keys(all) as ServiceType[]; // the keys of that object

/** Whether orders of a type can be spread over runs. */
export function canDripFeed(type: ServiceType): boolean {
  return type === 'Default' || type === 'Web Traffic';
}

/** Whether a provider can run orders of a service itself: drip-feeds and subscriptions. */
export function canBeDelegated({ type, dripfeed }: { type: ServiceType; dripfeed: boolean }) {
  return type === 'Subscriptions' || dripfeed;
}
