import { trial } from '../command.ts';
import { runCrashes } from './crash.ts';
import { planStrikes, readKinds } from './plan.ts';

// `npm run crash -- [api] [worker] [command] [backend] [database] --kills N --seconds N --seed N`

const plan = {
  name: 'crash',
  unit: 'kills',
  count: 100,
  about: 'Kills processes of the panel and its database under load, at failpoints and at random.',
  names: '[api] [worker] [command] [backend] [database]',
};

await trial(plan, (given) => {
  const strikes = planStrikes(given.random, { ...given, kinds: readKinds(given.names) });
  return runCrashes({ ...given, strikes, settles: true });
});
