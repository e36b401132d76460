import { z } from '@hono/zod-openapi';
import { changeMember, levels, type Member, membersOf, removeMember, requireFresh } from '@halyard/manage';
import { endpoint, nothing, ok } from '../frame/endpoint.ts';
import { choiceField } from '../frame/fields.ts';
import { pageOfAll } from '../frame/page.ts';
import { apiTime } from '../frame/times.ts';
import { pageShape, userBrief } from './shapes.ts';

const memberShape = z
  .object({
    id: z.string(),
    level: z.number().int(),
    joined_at: z.string().nullable(),
    user: z.object({ id: z.number().int(), uuid: z.string(), email: z.string() }),
  })
  .openapi('OrganizationMember');

function memberBody({ id, level, joinedAt, user }: Member) {
  return { id, user: userBrief(user), level, joined_at: apiTime(joinedAt), updated_at: apiTime(joinedAt) };
}

const listEndpoint = endpoint({
  method: 'get',
  place: 'organization',
  path: '/members/',
  access: { scopes: ['organization:read'] },
  changes: 'nothing',
  summary: 'Members of an organization',
  answers: { 200: pageShape(memberShape) },
  handle: async ({ organization, url, services: { database } }) => {
    const members = await database.read(() => membersOf(organization));
    return ok(pageOfAll(url, members.map(memberBody)));
  },
});

const writing = {
  place: 'organization',
  access: { scopes: ['organization:write'], level: levels.admin },
  changes: 'accounts',
} as const;

const changeEndpoint = endpoint({
  ...writing,
  method: 'patch',
  path: '/members/{user_uuid}/',
  summary: 'Give a member another level: 1 member, 8 admin, 15 owner',
  body: z.object({ level: choiceField(['1', '8', '15']) }),
  answers: { 200: memberShape },
  handle: async ({ caller, organization, params, body, services: { database, clock } }) => {
    requireFresh(caller, clock());
    const level = Number(body.level);
    const member = await database.write(() => changeMember(organization, params['user_uuid'] ?? '', level));
    return ok(memberBody(member));
  },
});

const removeEndpoint = endpoint({
  ...writing,
  method: 'delete',
  path: '/members/{user_uuid}/',
  summary: 'Take somebody out of an organization',
  answers: { 204: 'Not a member any more.' },
  handle: async ({ caller, organization, params, services: { database, clock } }) => {
    requireFresh(caller, clock());
    await database.write(() => removeMember(organization, params['user_uuid'] ?? ''));
    return nothing();
  },
});

/** Members of organizations (M146, M16). */
export const memberEndpoints = [listEndpoint, changeEndpoint, removeEndpoint];
