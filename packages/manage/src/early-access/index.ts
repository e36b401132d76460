export {
  createEarlyAccess,
  deleteEarlyAccess,
  type EarlyAccessFeature,
  listEarlyAccess,
  readEarlyAccess,
  updateEarlyAccess,
} from './early-access.ts';
