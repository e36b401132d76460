// A throw-away PostgreSQL with Halyard's schema for the tests of the Python package: prints the server's URL and the
// name of the migrated template database, and ends the server when its own input ends.
import { startThrowawayPostgres } from '@halyard/data/testing';

const server = await startThrowawayPostgres();
console.log(JSON.stringify({ url: server.url, template: 'halyard_template' }));
process.stdin.resume();
process.stdin.once('end', () => {
  void server.stop().then(() => process.exit(0));
});
