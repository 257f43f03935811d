import { trial } from '../command.ts';
import { runCrashes } from './crash.ts';
import { planStrikes, readKinds } from './plan.ts';

// `npm run crash -- [api] [worker] [command] [backend] [database] --kills N --seconds N --seed N`

await trial({ name: 'crash', unit: 'kills', count: 100 }, (given) => {
  const strikes = planStrikes(given.random, { ...given, kinds: readKinds(given.names) });
  return runCrashes({ ...given, strikes, settles: true });
});
