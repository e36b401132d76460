import { type KeyRow, type KeyScope, LabelTakenError, UnknownPersonError } from 'halyard/host';
import type { Settings } from '../operate/settings/table.ts';
import type { Output } from './io.ts';
import { UserError } from './problem-line.ts';
import type { OutputOptions } from './projects.ts';
import { aligned, jsonLine } from './table-text.ts';
import { oneProject, withKeys } from './writing.ts';

export interface CreateKeyOptions extends OutputOptions {
  /** Id or public token; not needed when there is only one. */
  readonly project?: string;
  readonly label?: string;
  readonly scope: readonly KeyScope[];
  /** Address of its owner, for a personal key. */
  readonly user?: string;
  /** A person is made of the address where nobody has it. */
  readonly createUser?: boolean;
  /** A personal key for all projects of its owner. */
  readonly allProjects?: boolean;
}

export interface ListKeysOptions extends OutputOptions {
  readonly project?: string;
}

/** Labels are `varchar(40)`, addresses `varchar(254)`. */
const LONGEST_LABEL = 40;
const LONGEST_ADDRESS = 254;

/** `halyard key create`: makes a key, and shows it this once. */
export async function createKey(settings: Settings, options: CreateKeyOptions, io: Output): Promise<void> {
  const { label = 'command line', scope, user, createUser = false, allProjects = false, json } = options;
  if (label.trim() === '' || label.length > LONGEST_LABEL || label.includes('\0')) {
    throw new UserError(`--label must have 1 to ${LONGEST_LABEL} characters.`);
  }
  if (user !== undefined && (!/^[^\s@\0]+@[^\s@\0]+$/.test(user) || user.length > LONGEST_ADDRESS)) {
    throw new UserError('--user must be the mail address of the owner.');
  }
  for (const [option, given] of [['--all-projects', allProjects] as const, ['--create-user', createUser] as const]) {
    if (given && user === undefined)
      throw new UserError(`${option} is for personal keys: say whose with --user ADDRESS.`);
  }
  const [project, made] = await withKeys(settings, 'make keys', async (writer) => {
    const found = await oneProject(writer, options.project);
    const key = { label, scopes: scope };
    try {
      const secret = await (user === undefined
        ? writer.createProjectKey(found.teamId, key)
        : writer.createPersonalKey(found.teamId, user, key, allProjects, createUser));
      return [found, secret] as const;
    } catch (error) {
      if (error instanceof UnknownPersonError) {
        throw new UserError(
          `Nobody has the address ${user}. Correct it, or add --create-user to make a member of the project's organization of it.`,
        );
      }
      if (!(error instanceof LabelTakenError)) throw error;
      throw new UserError(`The project has a key with the label "${label}". Choose another with --label.`);
    }
  });
  const kind = user === undefined ? 'project' : 'personal';
  if (json === true) {
    return io.print(jsonLine({ id: made.id, kind, label, scopes: scope, project: project.teamId, key: made.secret }));
  }
  io.print(
    `${aligned([
      ['id', made.id],
      ['key', made.secret],
    ])}Keep the key: it is not shown again. ${
      user === undefined
        ? `It opens the definitions of the project ${project.teamId}.`
        : `Send the project's public token with it: ${project.token}.`
    }\n`,
  );
}

/** `halyard key list`: what is known of keys, which is not the keys. */
export async function listKeys(settings: Settings, { project, json }: ListKeysOptions, io: Output): Promise<void> {
  const keys = await withKeys(settings, null, async (writer) =>
    writer.keys(project === undefined ? undefined : (await oneProject(writer, project)).teamId),
  );
  if (json === true) {
    const rows = keys.map(({ createdAt, lastUsedAt, ...key }) => ({
      ...key,
      created_at: createdAt,
      last_used_at: lastUsedAt,
    }));
    return io.print(jsonLine(rows));
  }
  if (keys.length === 0) return io.print('There is no key. Make one with: halyard key create\n');
  io.print(aligned([['ID', 'KEY', 'KIND', 'SCOPES', 'PROJECTS', 'LAST USED', 'LABEL'], ...keys.map(rowOf)]));
}

/** `halyard key revoke ID`. */
export async function revokeKey(settings: Settings, id: string, { json }: OutputOptions, io: Output): Promise<void> {
  const revoked = !id.includes('\0') && (await withKeys(settings, 'revoke keys', (writer) => writer.revoke(id)));
  if (!revoked) throw new UserError('There is no key with this id. halyard key list shows them.');
  io.print(json === true ? jsonLine({ id, revoked: true }) : `The key ${id} opens nothing any more.\n`);
}

function rowOf(key: KeyRow): string[] {
  const { id, mask, kind, scopes, projects, owner, lastUsedAt, label } = key;
  return [
    id,
    mask,
    owner === null ? kind : `${kind}, ${owner}`,
    scopes?.join(',') ?? 'none',
    projects.length === 0 ? "all of the owner's" : projects.join(','),
    lastUsedAt ?? 'never',
    label,
  ];
}
