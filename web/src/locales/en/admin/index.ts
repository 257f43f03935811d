import frame from './frame.ts';
import orders from './orders.ts';
import queues from './queues.ts';

/** The texts of the operators' pages. */
export default { frame, orders, queues };
