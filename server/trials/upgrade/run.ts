import { trial } from '../command.ts';
import { runUpgrades } from './upgrade.ts';

// `npm run trial:upgrade -- --upgrades N --seconds N --seed N`; with 10000, each statement there is

const plan = {
  name: 'trial:upgrade',
  unit: 'upgrades',
  count: 100,
  about: 'Upgrades from every released schema, two servers at once, killed at statements.',
};

await trial(plan, runUpgrades);
