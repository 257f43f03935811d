import { trial } from '../command.ts';
import { runMoments } from './moments.ts';

// `npm run trial:backup -- --moments N --seconds N --seed N`

const plan = {
  name: 'trial:backup',
  unit: 'moments',
  count: 20,
  about: 'Backs up a panel under load at random moments, restores, and compares.',
};

await trial(plan, runMoments);
