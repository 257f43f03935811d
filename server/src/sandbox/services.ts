import type { SandboxService, SandboxServiceType } from './service-types.ts';

type Row = readonly [SandboxServiceType, string, string, Partial<SandboxService>?];

const followers: Partial<SandboxService> = {
  min: 50,
  dripfeed: true,
  refill: true,
  refillDays: 30,
};
const single: Partial<SandboxService> = { min: 1, max: 1 };

const rows: readonly Row[] = [
  ['Default', 'Followers, refilled for 30 days', '0.90', followers],
  ['Default', 'Likes, one order per link at a time', '0.265', { denyDuplicates: true }],
  ['Default', 'Views, no cancelling', '0.012', { cancel: false, max: 1_000_000 }],
  ['Package', 'Starter package', '4.5', single],
  ['Custom Comments', 'Your own comments', '12', { min: 1, max: 500 }],
  ['Custom Comments Package', 'Package of your own comments', '3.2', single],
  ['Mentions', 'Mentions', '2.4'],
  ['Mentions with Hashtags', 'Mentions with hashtags', '2.8'],
  ['Mentions Custom List', 'Mentions of a list', '3', { min: 1 }],
  ['Mentions Hashtag', 'Mentions of who uses a hashtag', '2.2'],
  ['Mentions User Followers', "Mentions of a user's followers", '2.1'],
  ['Mentions Media Likers', 'Mentions of who liked a post', '2'],
  ['Comment Likes', 'Likes of a comment', '1.1'],
  ['Comment Replies', 'Replies to a comment', '14', { min: 1, max: 500 }],
  ['Poll', 'Votes in a poll', '0.7'],
  ['Invites from Groups', 'Invitations from groups', '6'],
  ['Subscriptions', 'Likes of new posts', '0.5'],
  ['SEO', 'Visits from a search', '1.9'],
  ['Web Traffic', 'Visits of a site', '0.35', { dripfeed: true, max: 100_000 }],
];

/** What a sandbox sells unless it is told otherwise: a service of every type. */
export const sandboxServices: readonly SandboxService[] = rows.map(
  ([type, name, rate, more], index) => ({
    service: index + 1,
    name,
    type,
    category: type === 'SEO' || type === 'Web Traffic' ? 'Websites' : 'Social',
    rate,
    min: 10,
    max: 10_000,
    dripfeed: false,
    refill: false,
    cancel: true,
    ...more,
  }),
);
