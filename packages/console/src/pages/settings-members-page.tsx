import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { answered, api } from '../api/client.ts';
import { meQuery, queryClient } from '../api/queries.ts';
import { Button, Chooser } from '../design/controls.tsx';
import { Dialog } from '../design/dialog.tsx';
import { Moment } from '../design/moment.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { useConfirmed } from '../settings/confirmed.tsx';
import { levelWords, organizationsQuery, projectDetailQuery } from '../settings/project-queries.ts';

interface Member {
  readonly id: string;
  readonly level: number;
  readonly joined_at: string | null;
  readonly user: {
    readonly id: number;
    readonly uuid: string;
    readonly email: string;
    readonly first_name?: string;
    readonly last_name?: string;
  };
}

const membersQuery = (organization: string) =>
  queryOptions({
    queryKey: ['members', organization],
    queryFn: async (): Promise<readonly Member[]> => {
      const answer = await answered(
        api.GET('/api/organizations/{organization_id}/members/', {
          params: { path: { organization_id: organization }, query: { limit: '1000' } as never },
        }),
      );
      return answer.results;
    },
    enabled: organization !== '',
  });

/** Who works here, and what they may do (M16, M146). */
export function SettingsMembersPage() {
  const { project } = useParams({ from: '/inside/p/$project/settings/members' });
  const { data: me } = useSuspenseQuery(meQuery);
  const { data: detail } = useQuery(projectDetailQuery(project));
  const { data: organizations } = useQuery(organizationsQuery);
  const organization = organizations?.find(({ id }) => id === detail?.organization);
  const { data: members, error } = useQuery(membersQuery(organization?.id ?? ''));
  const [going, setGoing] = useState<Member | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const { run, dialog } = useConfirmed();
  const mayChange = (organization?.membership_level ?? 0) >= 8;
  const write = async (work: () => Promise<unknown>): Promise<void> => {
    setProblem(null);
    try {
      await run(work);
    } catch (failed) {
      setProblem(failed instanceof Error ? failed.message : String(failed));
    } finally {
      await queryClient.invalidateQueries({ queryKey: ['members'] });
    }
  };
  const place = (member: Member) => ({
    path: { organization_id: organization?.id ?? '', user_uuid: member.user.uuid },
  });
  return (
    <section className="stack" aria-label="Members">
      <h2>Members{organization === undefined ? '' : ` of ${organization.name}`}</h2>
      <p className="quiet">
        Add people on the server: <code>halyard user create</code>. Members can change flags; admins also projects,
        secret keys and members.
      </p>
      {error !== null && <p className="notice bad">{error.message}</p>}
      {problem !== null && <ProblemNotice>{problem}</ProblemNotice>}
      {members === undefined && error === null && <p className="quiet">Reading …</p>}
      {members !== undefined && (
        <div className="table-frame">
          <table>
            <thead>
              <tr>
                <th scope="col">Member</th>
                <th scope="col">Level</th>
                <th scope="col">Since</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {members.map((member) => {
                const { email, first_name: first = '', last_name: last = '', id } = member.user;
                const name = `${first} ${last}`.trim();
                return (
                  <tr key={member.id}>
                    <th scope="row" className="flag-name">
                      {name === '' ? email : name}
                      <div className="quiet small">{name === '' ? '' : email}</div>
                    </th>
                    <td data-label="Level">
                      {mayChange && id !== me.id ? (
                        <Chooser
                          label={`Level of ${email}`}
                          hideLabel
                          value={String(member.level)}
                          choices={Object.entries(levelWords).map(([level, text]) => ({ id: level, text }))}
                          onChange={(level) =>
                            void write(() =>
                              answered(
                                api.PATCH('/api/organizations/{organization_id}/members/{user_uuid}/', {
                                  params: place(member),
                                  body: { level: level as never },
                                }),
                              ),
                            )
                          }
                        />
                      ) : (
                        <span>
                          {levelWords[member.level] ?? member.level}
                          {id === me.id && <span className="quiet"> (you)</span>}
                        </span>
                      )}
                    </td>
                    <td data-label="Since">
                      <Moment time={member.joined_at} unknown />
                    </td>
                    <td>
                      {mayChange && id !== me.id && (
                        <div className="row actions">
                          <Button look="plain" aria-label={`Remove ${email}`} onPress={() => setGoing(member)}>
                            Remove …
                          </Button>
                        </div>
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      <Dialog
        title={`Remove ${going?.user.email ?? ''}`}
        isOpen={going !== null}
        onClose={() => setGoing(null)}
        footer={
          <>
            <Button onPress={() => setGoing(null)}>Cancel</Button>
            <Button
              look="danger"
              onPress={() => {
                if (going !== null) {
                  const params = place(going);
                  void write(() =>
                    answered(api.DELETE('/api/organizations/{organization_id}/members/{user_uuid}/', { params })),
                  );
                }
                setGoing(null);
              }}
            >
              Remove
            </Button>
          </>
        }
      >
        <p>They lose access to the projects of this organization, also with their keys.</p>
      </Dialog>
      {dialog}
    </section>
  );
}
