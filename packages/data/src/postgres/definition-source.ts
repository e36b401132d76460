import type { Definitions, FactFailure } from '@halyard/engine';
import type { DefinitionSource, JsonCodec, Project, ProjectDefinitions } from '../ports.ts';
import { factFailure } from '../store-error.ts';
import { isDatabaseText } from '../stored-text.ts';
import { documentsOf, groupTypesOf, projectFromRow } from './definitions-from-rows.ts';
import {
  cohortsStatement,
  flagsStatement,
  groupTypesRevisionStatement,
  groupTypesStatement,
  mainRevisionStatement,
  projectStatement,
} from './definitions-statement.ts';
import type { Executor } from './executor.ts';
import { SchemaProbe } from './schema-probe.ts';
import type { Shape } from './schema-shape.ts';
import type { Row } from './statement.ts';

export interface PostgresDefinitionSourceOptions {
  /** Projects, flags and cohorts. */
  readonly mainReader: Executor;
  /** Group type names (D35). */
  readonly personsReader: Executor;
  readonly parse: JsonCodec['parse'];
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
  /** What was read last of the parts that may fail by themselves: better than nothing while they do. */
  readonly #lastGood = new Map<string, Row>();

  constructor(options: PostgresDefinitionSourceOptions) {
    this.#options = options;
    this.#probe = new SchemaProbe(options.mainReader);
  }

  async load(token: string): Promise<ProjectDefinitions | null> {
    if (token.length > longestToken || !isDatabaseText(token)) return null;
    const { mainReader, personsReader, parse } = this.#options;
    const [row] = await mainReader.query(projectStatement(token));
    if (row === undefined) return null;
    const { project, propertyMatchingVersion, revision } = projectFromRow(row, token, parse);
    const [flags, cohorts, groupTypes] = await Promise.all([
      one(mainReader, flagsStatement(project.teamId, await this.#probe.shape())),
      this.#orLastGood(`cohorts ${project.teamId}`, one(mainReader, cohortsStatement(project.teamId))),
      this.#orLastGood(`group types ${project.teamId}`, one(personsReader, groupTypesStatement(project.teamId))),
    ]);
    const definitions: Definitions = {
      teamId: project.teamId,
      timezone: project.timezone,
      ...(propertyMatchingVersion === null ? {} : { propertyMatchingVersion }),
      flags: documentsOf(flags['flags'] ?? null, parse),
      cohorts: isFailed(cohorts) ? cohorts : documentsOf(cohorts['cohorts'] ?? null, parse),
      groupTypeMapping: isFailed(groupTypes) ? groupTypes : groupTypesOf(groupTypes['mapping'] ?? null),
    };
    return { project, definitions, revision: revisionOf(revision, flags, cohorts, groupTypes) };
  }

  async revision({ token, teamId }: Project): Promise<string | null> {
    const { mainReader, personsReader } = this.#options;
    const [[main], groupTypes] = await Promise.all([
      mainReader.query(mainRevisionStatement(token, teamId, await this.#probe.shape())),
      one(personsReader, groupTypesRevisionStatement(teamId)).catch((error: unknown) => {
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

  /** What this database's schema looks like: said at start, and decides how changes are noticed. */
  shape(): Promise<Shape> {
    return this.#probe.shape();
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
