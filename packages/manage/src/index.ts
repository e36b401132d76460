export { StoreError, type TransactionOptions, Transactions, type Work } from '@halyard/data/management';
export { invalid, type Problem, type ProblemType, Refusal, refuseIf } from './refusal.ts';
