/**
 * Alarms: what an operator has to know of while nobody looks.
 * Invariants: a condition is told once when it begins and once when it ends, by whichever process
 * commits that; what is to be told is written in that transaction, and goes out at least once. What
 * only some processes can see ends by what one of these sees.
 */
export type { Condition } from './conditions.ts';
export { diskSource } from './disk.ts';
export { sendAlarmCalls } from './send.ts';
export {
  type AlarmChanges,
  type AlarmSettings,
  readAlarmSettings,
  updateAlarmSettings,
} from './settings.ts';
export { testAlarm } from './test-alarm.ts';
export { type ConditionSource, watchAlarms } from './watch.ts';
