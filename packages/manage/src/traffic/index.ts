export {
  addTraffic,
  type FlagTraffic,
  forgetOldTraffic,
  readTraffic,
  type TrafficCount,
  type TrafficStep,
  type ValueTraffic,
} from './traffic.ts';
