import { trial } from '../command.ts';
import { runUpgrades } from './upgrade.ts';

// `npm run trial:upgrade -- --upgrades N --seconds N --seed N`; with 10000, each statement there is

await trial({ name: 'trial:upgrade', unit: 'upgrades', count: 100 }, runUpgrades);
