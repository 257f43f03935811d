import { trial } from '../command.ts';
import { runMoments } from './moments.ts';

// `npm run trial:backup -- --moments N --seconds N --seed N`

await trial({ name: 'trial:backup', unit: 'moments', count: 20 }, runMoments);
