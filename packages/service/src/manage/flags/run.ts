import { type Caller, type CommandContext, findFlagId, levels, type Project, type Work } from '@halyard/manage';
import type { Call } from '../frame/endpoint.ts';
import type { Services } from '../frame/services.ts';

type ProjectCall = Call<'project', unknown>;

/** What commands are told of a call. */
export function contextOf({ caller, project, services }: ProjectCall): CommandContext {
  return contextIn(caller, project, services);
}

/** What commands in a project are told of whoever asks. */
export function contextIn({ user, via }: Caller, project: Project, services: Services): CommandContext {
  const isKey = via.kind === 'personal_key';
  return {
    teamId: project.teamId,
    organizationId: project.organizationId,
    now: services.clock(),
    ...(services.secrets && { secrets: services.secrets }),
    actor: {
      userId: user.id,
      isAdmin: project.level >= levels.admin,
      via: isKey ? 'key' : 'console',
      ...(isKey ? { label: via.label } : {}),
    },
  };
}

/** Runs what reads. @throws {Refusal} */
export function read<Result>(call: ProjectCall, work: (context: CommandContext) => Work<Result>): Promise<Result> {
  const context = contextOf(call);
  return call.services.database.read(() => work(context));
}

/** Runs what writes definitions; when it resolves this process evaluates with them (M53). @throws {Refusal} */
export async function write<Result>(
  call: ProjectCall,
  work: (context: CommandContext) => Work<Result>,
): Promise<Result> {
  const context = contextOf(call);
  const result = await call.services.database.write(() => work(context));
  await call.services.definitionsWritten(context.teamId);
  return result;
}

/** The flag that the path names, by id or key (M3). */
export function namedFlag(call: ProjectCall, context: CommandContext): Work<number> {
  return findFlagId(context, call.params['id'] ?? '');
}
