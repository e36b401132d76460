export { runDueSchedules, type RunOptions, type ScheduleRun } from './run-schedules.ts';
export {
  createSchedule,
  deleteSchedule,
  listSchedules,
  readSchedule,
  type Schedule,
  type SchedulePage,
  updateSchedule,
} from './schedules.ts';
