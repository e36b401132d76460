/** What a process that only reads shared definitions needs: Redis without PostgreSQL. */
export { DefinitionsCopy, type DefinitionsCopyOptions } from './definitions-copy.ts';
