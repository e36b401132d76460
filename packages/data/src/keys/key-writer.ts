import type { Client } from 'pg';
import { classifyError } from '../conversation/classify-error.ts';
import { ensureTeamStatement, lockStatement } from '../import/import-statements.ts';
import { endpoint } from '../postgres/client-config.ts';
import type { Row, Statement } from '../statements/statement.ts';
import {
  addPersonalKeyStatement,
  addProjectKeyStatement,
  dropBackupStatement,
  firstSecretStatement,
  keyRowsStatement,
  projectRowsStatement,
  renewSecretStatement,
  renewTokenStatement,
  revokeKeyStatement,
  type StoredKey,
} from './key-statements.ts';
import { randomText } from './random-text.ts';
import { storedSecret } from './stored-secret.ts';

/** What may stand in `scopes` of a key that opens flags (H166). */
export const keyScopes = ['*', 'feature_flag:read', 'feature_flag:write'] as const;
export type KeyScope = (typeof keyScopes)[number];

export interface ProjectRow {
  readonly teamId: number;
  readonly name: string;
  /** Public. */
  readonly token: string;
  readonly hasSecretToken: boolean;
}

export interface KeyRow {
  readonly id: string;
  readonly kind: 'project' | 'personal';
  readonly label: string;
  /** The first and last characters. */
  readonly mask: string;
  /** Null: none were set. */
  readonly scopes: readonly string[] | null;
  /** Of a personal key: its owner's address. */
  readonly owner: string | null;
  /** Ids of the projects it is made for or restricted to; empty: those of its owner. */
  readonly projects: readonly number[];
  /** ISO 8601. */
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

export interface NewKey {
  readonly label: string;
  readonly scopes: readonly KeyScope[];
}

/** A secret that nobody can be told a second time. */
export interface MadeKey {
  readonly id: string;
  readonly secret: string;
}

/** The label is taken by another key of the project. */
export class LabelTakenError extends Error {
  override readonly name = 'LabelTakenError';
}

/** Nobody has the address. */
export class UnknownPersonError extends Error {
  override readonly name = 'UnknownPersonError';
}

/** Makes and revokes projects' tokens and keys. Not for a PostHog database. Methods throw `StoreError`. */
export class KeyWriter {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  /** @throws {StoreError} when the database cannot be reached */
  static async open(url: string): Promise<KeyWriter> {
    const server = endpoint(url, 'database URL');
    try {
      const options = { connectionTimeoutMillis: 5_000 };
      return new KeyWriter(await server.connect(options, (attempt) => attempt.on('error', () => undefined)));
    } catch (error) {
      throw classifyError(error, 'keys', true);
    }
  }

  async close(): Promise<void> {
    await this.#client.end();
  }

  /** Those that the text names by id or public token; undefined: all. */
  async projects(named?: string): Promise<readonly ProjectRow[]> {
    const rows = await this.#rows(projectRowsStatement(named ?? null));
    return rows.map((row) => ({
      teamId: Number(row['team_id']),
      name: row['name'] ?? '',
      token: row['token'] ?? '',
      hasSecretToken: row['has_secret'] === 'true',
    }));
  }

  /** A new project, with a secret token. */
  async createProject(name: string): Promise<ProjectRow & { readonly secret: string }> {
    const token = `phc_${randomText()}`;
    const secret = `phs_${randomText()}`;
    await this.#rows({ text: 'begin', values: [] });
    try {
      await this.#rows(lockStatement);
      const team = { token, name, timezone: null, propertyMatchingVersion: null };
      const [row] = await this.#rows(ensureTeamStatement(team));
      await this.#rows(firstSecretStatement(token, secret));
      await this.#rows({ text: 'commit', values: [] });
      return { teamId: Number(row?.['team_id']), name, token, hasSecretToken: true, secret };
    } catch (error) {
      await this.#rows({ text: 'rollback', values: [] }).catch(() => undefined);
      throw error;
    }
  }

  /** A new secret token; the former one opens the project, too, until the next rotation or `dropBackup`. */
  async rotateSecret(teamId: number): Promise<string> {
    const secret = `phs_${randomText()}`;
    await this.#rows(renewSecretStatement(teamId, secret));
    return secret;
  }

  /** From now on the former secret token opens nothing. */
  async dropBackup(teamId: number): Promise<void> {
    await this.#rows(dropBackupStatement(teamId));
  }

  /** A new public token; whoever sends the former one is refused. */
  async rotateToken(teamId: number): Promise<string> {
    const token = `phc_${randomText()}`;
    await this.#rows(renewTokenStatement(teamId, token));
    return token;
  }

  /** Gives a project this secret token, unless it has one. */
  async ensureSecret(token: string, secret: string): Promise<void> {
    await this.#rows(firstSecretStatement(token, secret));
  }

  /** @throws {LabelTakenError} */
  async createProjectKey(teamId: number, key: NewKey): Promise<MadeKey> {
    const { secret, stored } = newKey('phs_', key);
    const rows = await this.#rows(addProjectKeyStatement(teamId, stored));
    if (rows.length === 0) throw new LabelTakenError(`there is a key with the label ${key.label}`);
    return { id: stored.id, secret };
  }

  /**
   * A key of the person with this address, who becomes a member of the project's organization.
   *
   * @param everywhere it opens all projects of its owner's organizations; else this one alone
   * @param makesPerson whether a person is made where nobody has the address
   * @throws {UnknownPersonError} where nobody has it and nobody is made
   */
  async createPersonalKey(
    teamId: number,
    email: string,
    key: NewKey,
    everywhere: boolean,
    makesPerson = true,
  ): Promise<MadeKey> {
    const { secret, stored } = newKey('phx_', key);
    const rows = await this.#rows(addPersonalKeyStatement(teamId, email, stored, !everywhere, makesPerson));
    if (rows.length === 0) throw new UnknownPersonError('nobody has this address');
    return { id: stored.id, secret };
  }

  /** Keys that open a project; undefined: all. */
  async keys(teamId?: number): Promise<readonly KeyRow[]> {
    const rows = await this.#rows(keyRowsStatement(teamId ?? null));
    return rows.map((row) => ({
      id: row['id'] ?? '',
      kind: row['kind'] as KeyRow['kind'],
      label: row['label'] ?? '',
      mask: row['mask'] ?? '',
      scopes: JSON.parse(row['scopes'] ?? 'null') as KeyRow['scopes'],
      owner: row['owner'] ?? null,
      projects: JSON.parse(row['projects'] ?? '[]') as number[],
      createdAt: row['created_at'] ?? '',
      lastUsedAt: row['last_used_at'] ?? null,
    }));
  }

  /** Whether there was such a key. */
  async revoke(id: string): Promise<boolean> {
    return (await this.#rows(revokeKeyStatement(id))).length > 0;
  }

  async #rows({ text, values }: Statement): Promise<readonly Row[]> {
    try {
      return (await this.#client.query<Row>({ text, values: values as unknown[] })).rows;
    } catch (error) {
      throw classifyError(error, 'keys', false);
    }
  }
}

function newKey(prefix: string, { label, scopes }: NewKey): { secret: string; stored: StoredKey } {
  const secret = prefix + randomText();
  return { secret, stored: { id: randomText(22), label, ...storedSecret(secret), scopes } };
}
