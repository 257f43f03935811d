import type { Command } from 'commander';
import { addBackup } from './backup.ts';
import { addCatalog } from './catalog.ts';
import { addCustomers } from './customers.ts';
import { addKeys } from './keys.ts';
import { addMaintenance } from './maintenance.ts';
import { addOrders } from './orders.ts';
import { addPayments } from './payments.ts';
import type { Settings } from './program.ts';
import { addProviderCatalogs } from './provider-catalog.ts';
import { addProviders } from './providers.ts';
import { addQueues } from './queues.ts';
import { addRetention } from './retention.ts';
import { addServices } from './services.ts';
import { addStaffCommands } from './staff.ts';

/** Every command but `serve`. */
export function addCommands(program: Command, settings: Settings): void {
  addCustomers(program, settings);
  addKeys(program, settings);
  addPayments(program, settings);
  addServices(program, settings);
  addCatalog(program, settings);
  addProviderCatalogs(addProviders(program, settings), settings);
  addOrders(program, settings);
  addQueues(program, settings);
  addStaffCommands(program, settings);
  addMaintenance(program, settings);
  addBackup(program, settings);
  addRetention(program, settings);
}
