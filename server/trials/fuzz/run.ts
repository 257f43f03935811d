import { trial } from '../command.ts';
import { drive } from './drive.ts';
import type { Target } from './target.ts';
import { targets } from './targets.ts';

// `npm run fuzz [-- TARGET … --seconds N --count N --seed N]`; all targets by default.
const plan = {
  name: 'fuzz',
  unit: 'inputs',
  count: 200_000,
  about: 'Inputs of every shape, at every place that reads one.',
  names: '[TARGET …]',
};

await trial(plan, async (run) => {
  const names = run.names.length === 0 ? Object.keys(targets) : run.names;
  const opened = new Map<string, Target>();
  try {
    for (const name of names) {
      const open = targets[name];
      if (open === undefined) {
        throw new Error(`no target ${name}; there are ${Object.keys(targets).join(', ')}`);
      }
      opened.set(name, await open());
    }
    return await drive(opened, run);
  } finally {
    for (const target of opened.values()) await target.close();
  }
});
