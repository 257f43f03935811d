import customers from './customers.ts';
import dashboard from './dashboard.ts';
import frame from './frame.ts';
import money from './money.ts';
import orders from './orders.ts';
import payments from './payments.ts';
import queues from './queues.ts';
import services from './services.ts';

/** The texts of the operators' pages. */
export default { customers, dashboard, frame, money, orders, payments, queues, services };
