import type { FoundSchema } from 'halyard/host';
import type { Logger } from 'pino';

/** Says at start which tables were found, and warns of what they lack. */
export function logSchema(logger: Logger, schema: FoundSchema): void {
  logger.info({ schema }, `found the tables of ${ownerOf(schema)}: ${describe(schema)}`);
  if (schema.missing.length > 0) {
    logger.warn(`tables are missing, so flags that need them fail: ${schema.missing.join(', ')}`);
  }
  if (schema.unread.length > 0) {
    logger.warn(`persons are in the middle of a move, and those in ${schema.unread.join(', ')} are not seen`);
  }
}

function ownerOf({ madeBy }: FoundSchema): string {
  return madeBy === 'unknown' ? 'PostHog (without the list of its migrations)' : madeBy;
}

function describe(schema: FoundSchema): string {
  return [
    { contexts: 'evaluation contexts', tags: 'evaluation tags', none: 'neither evaluation contexts nor tags' }[
      schema.contexts
    ],
    tombstones(schema),
    ...(schema.partitioned ? ['persons in partitions'] : []),
    ...(schema.replica ? ['persons read from a replica'] : []),
    schema.announcesChanges ? 'changes are announced' : 'changes are found by polling',
  ].join(', ');
}

function tombstones({ personTombstones, distinctIdTombstones }: FoundSchema): string {
  if (personTombstones !== distinctIdTombstones) {
    return `tombstones of ${personTombstones ? 'persons' : 'distinct ids'} only`;
  }
  return personTombstones ? 'tombstones' : 'no tombstones';
}
