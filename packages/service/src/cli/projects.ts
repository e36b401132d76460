import type { Settings } from '../operate/settings/table.ts';
import type { Output } from './io.ts';
import { aligned, jsonLine } from './table-text.ts';
import { oneProject, withKeys } from './writing.ts';
import { UserError } from './problem-line.ts';

export interface OutputOptions {
  readonly json?: boolean;
}

export interface RotateOptions extends OutputOptions {
  /** Renew the public token instead of the secret one. */
  readonly public?: boolean;
  /** End the former secret token instead of making a new one. */
  readonly dropBackup?: boolean;
}

/** Names are `varchar(200)`. */
const LONGEST_NAME = 200;

/** `halyard project create NAME`: makes a project, and shows its secret token this once. */
export async function createProject(
  settings: Settings,
  name: string,
  { json }: OutputOptions,
  io: Output,
): Promise<void> {
  if (name.trim() === '' || name.length > LONGEST_NAME || name.includes('\0')) {
    throw new UserError(`A project needs a name of 1 to ${LONGEST_NAME} characters.`);
  }
  const made = await withKeys(settings, 'make projects', (writer) => writer.createProject(name));
  const shown = { id: made.teamId, name: made.name, token: made.token, secret_token: made.secret };
  if (json === true) return io.print(jsonLine(shown));
  io.print(
    `${aligned([
      ['project', String(made.teamId)],
      ['public token', made.token],
      ['secret token', made.secret],
    ])}Keep the secret token: it is not shown again. SDKs that evaluate locally send it, browsers never do.\n`,
  );
}

/** `halyard project list`. */
export async function listProjects(settings: Settings, { json }: OutputOptions, io: Output): Promise<void> {
  const projects = await withKeys(settings, null, (writer) => writer.projects());
  if (json === true) {
    const rows = projects.map(({ teamId, name, token, hasSecretToken }) => ({
      id: teamId,
      name,
      token,
      has_secret_token: hasSecretToken,
    }));
    return io.print(jsonLine(rows));
  }
  if (projects.length === 0) return io.print('There is no project yet. Make one with: halyard project create NAME\n');
  const rows = projects.map(({ teamId, name, token, hasSecretToken }) => [
    String(teamId),
    token,
    hasSecretToken ? 'has a secret token' : 'no secret token',
    name,
  ]);
  io.print(aligned([['ID', 'PUBLIC TOKEN', 'SECRET TOKEN', 'NAME'], ...rows]));
}

/** `halyard project rotate-token [PROJECT]`: a new token; the former secret one stays good until the next rotation. */
export async function rotateToken(
  settings: Settings,
  named: string | undefined,
  { json, public: isPublic = false, dropBackup = false }: RotateOptions,
  io: Output,
): Promise<void> {
  if (isPublic && dropBackup) throw new UserError('--public and --drop-backup are two things: give one of them.');
  const [project, renewed] = await withKeys(settings, 'change tokens', async (writer) => {
    const found = await oneProject(writer, named);
    if (dropBackup) await writer.dropBackup(found.teamId);
    const token = dropBackup
      ? null
      : await (isPublic ? writer.rotateToken(found.teamId) : writer.rotateSecret(found.teamId));
    return [found, token] as const;
  });
  const kind = isPublic ? 'token' : 'secret_token';
  if (json === true)
    return io.print(jsonLine({ id: project.teamId, ...(renewed === null ? {} : { [kind]: renewed }) }));
  if (renewed === null)
    return io.print(`The former secret token of project ${project.teamId} opens nothing any more.\n`);
  const rest = isPublic
    ? 'Whoever sends the former one is refused from now on.'
    : 'It is not shown again. The former one stays good until the next rotation, or until --drop-backup.';
  io.print(`${aligned([[isPublic ? 'public token' : 'secret token', renewed]])}${rest}\n`);
}
