import { parseArgs } from 'node:util';
import { doorNames, openDoor } from './doors/doors.ts';
import { Report } from './report.ts';
import { runFiles } from './run.ts';
import { readVectorFiles, vectorPlaces } from './vectors.ts';

const USAGE = `Runs vector files and says which hold.

  npm run conformance -- [DIR …] [--door NAME]

  DIR          folders or files with vectors; default: the repository's, and those that HALYARD_CONFORMANCE_DIR names
  --door NAME  ${doorNames.join(', ')}; default engine. Not every door shows the parts of the engine

The last line reads "N passed, M failed"; the exit code is 1 when anything failed or nothing ran, 2 for a wrong call.`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: { paths: readonly string[]; door: string; help: boolean };
  try {
    options = readArguments(args);
  } catch (error) {
    return complain(error);
  }
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  try {
    const files = (await Promise.all(options.paths.map(readVectorFiles))).flat();
    const report = new Report((line) => console.log(line));
    const door = await openDoor(options.door);
    try {
      await runFiles(files, door, report);
    } finally {
      await door.close();
    }
    console.log(report.summary());
    return report.failed > 0 || report.passed === 0 ? 1 : 0;
  } catch (error) {
    return complain(error);
  }
}

function readArguments(args: readonly string[]): { paths: readonly string[]; door: string; help: boolean } {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { door: { type: 'string', default: 'engine' }, help: { type: 'boolean', short: 'h', default: false } },
  });
  if (!doorNames.includes(values.door))
    throw new Error(`there is no door "${values.door}": take ${doorNames.join(' or ')}`);
  const paths = positionals.length > 0 ? positionals : vectorPlaces(process.env['HALYARD_CONFORMANCE_DIR']);
  return { paths, door: values.door, help: values.help };
}

function complain(error: unknown): number {
  console.error(error instanceof Error ? error.message : String(error));
  return 2;
}
