export {
  addTraffic,
  type FlagTraffic,
  forgetOldTraffic,
  readTraffic,
  type TrafficCount,
  type ValueTraffic,
} from './traffic.ts';
