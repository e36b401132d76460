import type { Definitions, FactFailure } from '@halyard/engine';
import type { DefinitionSource, LoadOptions, Project, ProjectDefinitions, StoreSide } from '../ports.ts';
import { positionOf } from '../position.ts';
import { factFailure } from '../store-error.ts';
import { isDatabaseText } from '../stored-text.ts';
import { documentsOf, groupTypesOf, projectFromRow } from '../statements/definitions-from-rows.ts';
import {
  cohortsStatement,
  flagsStatement,
  groupTypesRevisionStatement,
  groupTypesStatement,
  mainRevisionStatement,
  projectStatement,
} from '../statements/definitions-statement.ts';
import type { Executor } from './executor.ts';
import { SchemaProbe } from './schema-probe.ts';
import type { Row } from '../statements/statement.ts';

export interface PostgresDefinitionSourceOptions {
  /** Projects, flags and cohorts. */
  readonly mainReader: Executor;
  /** Group type names (D35). */
  readonly personsReader: Executor;
  /** What the reader's words are checked against when the reader may lag. Default: the reader. */
  readonly mainWriter?: Executor;
  /** Default: the persons reader. */
  readonly personsWriter?: Executor;
  /** Told of the failures that `load` survives. */
  readonly onError?: (error: unknown) => void;
}

/** Tokens are `varchar(200)`; nothing longer exists. */
const longestToken = 200;

/** Stands in a revision for a part that could not be read, so that the next look finds a difference. */
const unread = '-';

/** Parts that are remembered. */
const mostRemembered = 10_000;

/** Definitions from PostgreSQL: first the project, then flags, cohorts and group types side by side. */
export class PostgresDefinitionSource implements DefinitionSource {
  readonly #options: PostgresDefinitionSourceOptions;
  readonly #probe: SchemaProbe;
  readonly #writerProbe: SchemaProbe;
  /** What was read last of the parts that may fail by themselves: better than nothing while they do. */
  readonly #lastGood = new Map<string, Row>();

  constructor(options: PostgresDefinitionSourceOptions) {
    this.#options = options;
    this.#probe = new SchemaProbe(options.mainReader);
    this.#writerProbe = options.mainWriter === undefined ? this.#probe : new SchemaProbe(options.mainWriter);
  }

  async load(token: string, { side }: LoadOptions = {}): Promise<ProjectDefinitions | null> {
    if (token.length > longestToken || !isDatabaseText(token)) return null;
    const { main, persons, probe } = this.#side(side);
    const [row] = await main.query(projectStatement(token));
    if (row === undefined) return null;
    const { project, propertyMatchingVersion, revision } = projectFromRow(row, token);
    const [flags, cohorts, groupTypes] = await Promise.all([
      probe.ask((features) => one(main, flagsStatement(project.teamId, features))),
      this.#orLastGood(`cohorts ${project.teamId}`, one(main, cohortsStatement(project.teamId))),
      this.#orLastGood(`group types ${project.teamId}`, one(persons, groupTypesStatement(project.teamId))),
    ]);
    const definitions: Definitions = {
      teamId: project.teamId,
      timezone: project.timezone,
      ...(propertyMatchingVersion === null ? {} : { propertyMatchingVersion }),
      flags: documentsOf(flags['flags'] ?? null),
      cohorts: isFailed(cohorts) ? cohorts : documentsOf(cohorts['cohorts'] ?? null),
      groupTypeMapping: isFailed(groupTypes) ? groupTypes : groupTypesOf(groupTypes['mapping'] ?? null),
    };
    return {
      project,
      definitions,
      revision: revisionOf(revision, flags, cohorts, groupTypes),
      position: positionOf(
        [row['position'], flags['position'], isFailed(cohorts) ? null : cohorts['position']],
        isFailed(groupTypes) ? null : groupTypes['position'],
      ),
    };
  }

  async revision({ token, teamId }: Project, side?: StoreSide): Promise<string | null> {
    const pools = this.#side(side);
    const [[main], groupTypes] = await Promise.all([
      pools.probe.ask((features) => pools.main.query(mainRevisionStatement(token, teamId, features))),
      one(pools.persons, groupTypesRevisionStatement(teamId)).catch((error: unknown) => {
        this.#options.onError?.(error);
        return this.#lastGood.get(`group types ${teamId}`) ?? factFailure(error);
      }),
    ]);
    if (main === undefined) return null;
    return revisionOf(
      main['team'] ?? '',
      { revision: main['flags'] ?? '' },
      { revision: main['cohorts'] ?? '' },
      groupTypes,
    );
  }

  /** Whether changes are announced by now: looks anew each time, since the triggers may come and go with migrations. */
  async announcesChanges(): Promise<boolean> {
    const { mainReader, mainWriter = mainReader } = this.#options;
    return (await new SchemaProbe(mainWriter).features()).announcesChanges;
  }

  #side(side: StoreSide = 'reader'): { main: Executor; persons: Executor; probe: SchemaProbe } {
    const { mainReader, personsReader, mainWriter = mainReader, personsWriter = personsReader } = this.#options;
    return side === 'writer'
      ? { main: mainWriter, persons: personsWriter, probe: this.#writerProbe }
      : { main: mainReader, persons: personsReader, probe: this.#probe };
  }

  /** A part whose loss leaves the rest of the definitions of use (D43). */
  async #orLastGood(name: string, part: Promise<Row>): Promise<Row | FactFailure> {
    try {
      const row = await part;
      this.#lastGood.delete(name);
      this.#lastGood.set(name, row);
      if (this.#lastGood.size > mostRemembered) {
        for (const oldest of this.#lastGood.keys()) {
          this.#lastGood.delete(oldest);
          break;
        }
      }
      return row;
    } catch (error) {
      this.#options.onError?.(error);
      return this.#lastGood.get(name) ?? factFailure(error);
    }
  }
}

async function one(executor: Executor, statement: Parameters<Executor['query']>[0]): Promise<Row> {
  const [row] = await executor.query(statement);
  return row ?? {};
}

function isFailed(part: Row | FactFailure): part is FactFailure {
  return (part as Partial<FactFailure>).failed === true;
}

function revisionOf(team: string, ...parts: (Row | FactFailure)[]): string {
  return [team, ...parts.map((part) => (isFailed(part) ? unread : (part['revision'] ?? '')))].join('.');
}
