import type { Command } from 'commander';
import { AppError, parseId } from '../base/index.ts';
import {
  decideChange,
  listChanges,
  listHeldChanges,
  type ServiceChange,
} from '../catalog/index.ts';
import type { Settings } from './program.ts';
import { type CommonOptions, cliActor, runOnApp } from './session.ts';
import { formatTable, formatTime } from './text.ts';
import { toLimit } from './values.ts';

type ChangesOptions = CommonOptions & { held?: boolean; limit: number; before?: bigint };

const limitDefault = 50;

/** `services changes` and `services decide`: what changed in the catalog, and what waits. */
export function addChanges(group: Command, settings: Settings): void {
  group
    .command('changes')
    .description('what changed of the services on sale, newest first, as customers can read it')
    .option('--held', 'the rates that wait for you instead')
    .option('--limit <n>', `how many; default: ${limitDefault}`, toLimit, limitDefault)
    .option('--before <change>', 'only older ones than this number', toChangeId)
    .action((options: ChangesOptions) =>
      runOnApp(settings, options, async (app) => {
        const { held, limit, before } = options;
        const page = { limit, ...(before === undefined ? {} : { before }) };
        const changes =
          held === true ? await listHeldChanges(app.db) : await listChanges(app.db, page);
        return { json: changes.map(changeJson), text: changesText(changes) };
      }),
    );
  group
    .command('decide')
    .description('apply or reject a rate that waits')
    .argument('<change>', 'its number (services changes --held)', toChangeId)
    .argument('<decision>', 'apply or reject', toDecision)
    .action((changeId: bigint, decision: 'apply' | 'reject', options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const decided = await decideChange(app, cliActor, { changeId, decision });
        const { serviceId } = decided;
        return {
          json: { id: `${decided.changeId}`, service: serviceId, decision },
          text: `the rate of service ${serviceId} ${decision === 'apply' ? 'is changed' : 'stays'}`,
        };
      }),
    );
}

function toChangeId(text: string): bigint {
  const id = parseId(text);
  if (id === undefined) throw new AppError('invalid_input', `"${text}" is no change number`);
  return id;
}

function toDecision(text: string): 'apply' | 'reject' {
  if (text === 'apply' || text === 'reject') return text;
  throw new AppError('invalid_input', `"${text}" must be apply or reject`);
}

function changeJson(change: ServiceChange) {
  return { ...change, id: `${change.id}` };
}

function changesText(changes: readonly ServiceChange[]): string {
  const rows = changes.map((change) => [
    `${change.id}`,
    formatTime(change.at),
    `${change.serviceId}`,
    change.kind,
    `${valuesText(change.before)} → ${valuesText(change.after)}`,
    change.name,
  ]);
  return formatTable(['change', 'time', 'service', 'kind', 'values', 'name'], rows);
}

function valuesText(values: object): string {
  const { basis: _basis, cost: _cost, ...shown } = { basis: undefined, cost: undefined, ...values };
  const texts = Object.entries(shown).map(([name, value]) => `${name} ${value}`);
  return texts.join(', ') || '–';
}
