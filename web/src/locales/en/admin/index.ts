import actors from './actors.ts';
import audit from './audit.ts';
import charts from './charts.ts';
import customers from './customers.ts';
import dashboard from './dashboard.ts';
import frame from './frame.ts';
import money from './money.ts';
import orders from './orders.ts';
import payments from './payments.ts';
import providers from './providers.ts';
import queues from './queues.ts';
import services from './services.ts';
import settings from './settings.ts';
import staff from './staff.ts';
import system from './system.ts';

/** The texts of the operators' pages. */
export default {
  actors,
  audit,
  charts,
  customers,
  dashboard,
  frame,
  money,
  orders,
  payments,
  providers,
  queues,
  services,
  settings,
  staff,
  system,
};
