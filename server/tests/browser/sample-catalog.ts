import type { SandboxService } from '../../src/sandbox/index.ts';

type Row = readonly [category: string, name: string, rate: string, more?: Partial<SandboxService>];

const refilled: Partial<SandboxService> = { refill: true, refillDays: 30 };

const rows: readonly Row[] = [
  ['Followers', 'Followers · worldwide, starts in 5 minutes', '0.62', { dripfeed: true }],
  [
    'Followers',
    'Followers · real profiles, 30-day refill',
    '1.85',
    { dripfeed: true, ...refilled },
  ],
  [
    'Followers',
    'Followers · country by choice, 60-day refill',
    '3.40',
    { ...refilled, refillDays: 60 },
  ],
  ['Likes', 'Likes · instant, up to 20K a day', '0.24', { max: 20_000, denyDuplicates: true }],
  ['Likes', 'Likes · from profiles with pictures', '0.71', refilled],
  ['Likes', 'Likes on every new post', '0.55', { type: 'Subscriptions', min: 20, max: 5_000 }],
  ['Video views', 'Views · high retention', '0.118', { max: 5_000_000, dripfeed: true }],
  ['Video views', 'Views · short videos, instant', '0.012', { max: 10_000_000, cancel: false }],
  ['Video views', 'Watch time · 1 hour videos', '8.90', { min: 100, max: 4_000 }],
  ['Comments', 'Comments · your own texts', '11.50', { type: 'Custom Comments', min: 5, max: 500 }],
  ['Comments', 'Comment likes', '0.98', { type: 'Comment Likes' }],
  ['Comments', 'Poll votes', '0.66', { type: 'Poll' }],
  ['Music', 'Plays · worldwide, royalty eligible', '0.43', { max: 1_000_000, ...refilled }],
  ['Music', 'Playlist followers', '1.20'],
  ['Websites', 'Visits by country and device', '0.31', { type: 'Web Traffic', max: 100_000 }],
  ['Websites', 'Visits from a search', '1.90', { type: 'SEO' }],
  [
    'Packages',
    'Starter package: 500 followers, 1,000 likes',
    '2.95',
    { type: 'Package', min: 1, max: 1 },
  ],
];

/** What the upstream panel of the sample sells. */
export const sampleServices: readonly SandboxService[] = rows.map(
  ([category, name, rate, more], index) => ({
    service: 101 + index * 7,
    name,
    type: 'Default',
    category,
    rate,
    min: 50,
    max: 50_000,
    cancel: true,
    ...more,
  }),
);
