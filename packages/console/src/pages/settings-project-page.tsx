import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { answered, api } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import { queryClient } from '../api/queries.ts';
import { Button, TextField } from '../design/controls.tsx';
import { KeySection } from '../settings/key-section.tsx';
import { type ProjectDetail, projectDetailQuery, secretKeysQuery } from '../settings/project-queries.ts';
import { Copyable } from '../settings/secret.tsx';

/** A project: its name, its public token, its secret keys, and where each may go (K73). */
export function SettingsProjectPage() {
  const { project } = useParams({ from: '/inside/p/$project/settings/project' });
  const { data: detail } = useSuspenseQuery(projectDetailQuery(project));
  return (
    <div className="stack">
      <ProjectForm key={detail.id} project={project} detail={detail} />
      <section className="card stack tight" aria-label="Project token">
        <h2>Project token</h2>
        <p className="quiet">Public: for pages and apps. It reads flag values, no definitions.</p>
        <Copyable label="Project token" text={detail.api_token ?? ''} />
      </section>
      <SecretKeys project={project} />
    </div>
  );
}

function ProjectForm({ project, detail }: { readonly project: string; readonly detail: ProjectDetail }) {
  const [name, setName] = useState(detail.name);
  const [timezone, setTimezone] = useState(detail.timezone);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [said, setSaid] = useState('');
  const isChanged = name !== detail.name || timezone !== detail.timezone;
  const at = (attr: string): string | null => (problem?.attr === attr ? problem.message : null);
  const save = async (): Promise<void> => {
    setProblem(null);
    setSaid('');
    try {
      await answered(
        api.PATCH('/api/projects/{project_id}/', {
          params: { path: { project_id: project } },
          body: { name, timezone } as never,
        }),
      );
      await Promise.all(
        [['projects'], ['project', project]].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
      );
      setSaid('Saved.');
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
    }
  };
  return (
    <form
      className="card stack"
      aria-label="Project"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div className="row">
        <h2>{detail.name}</h2>
        {detail.is_demo && <span className="tag">Demo</span>}
      </div>
      <div className="row wrap top-aligned">
        <div className="grow">
          <TextField label="Name" value={name} onChange={setName} error={at('name')} />
        </div>
        <div className="grow">
          <TextField
            label="Time zone"
            value={timezone}
            onChange={setTimezone}
            suggestions={zones}
            hint="Cron expressions and dates without a zone are read in it."
            error={at('timezone')}
          />
        </div>
      </div>
      {problem !== null && !['name', 'timezone'].includes(problem.attr ?? '') && (
        <p role="alert" className="error">
          {problem.message}
        </p>
      )}
      <div className="row">
        <Button type="submit" isDisabled={!isChanged}>
          Save
        </Button>
        <span role="status" className="quiet">
          {said}
        </span>
      </div>
    </form>
  );
}

const zones: readonly string[] = Intl.supportedValuesOf('timeZone');

function SecretKeys({ project }: { readonly project: string }) {
  const { data: keys, error } = useQuery(secretKeysQuery(project));
  if (error instanceof ApiProblem && error.status === 403) {
    return <p className="quiet">Only admins see secret keys.</p>;
  }
  if (error !== null) return <p className="notice bad">{error.message}</p>;
  if (keys === undefined) return <p className="quiet">Reading …</p>;
  const written = async <Result,>(pending: Promise<Result>): Promise<Result> => {
    const result = await pending;
    await queryClient.invalidateQueries({ queryKey: ['secret-keys', project] });
    return result;
  };
  const path = (id: string) => ({ path: { project_id: project, id } });
  return (
    <KeySection
      title="Secret keys"
      place="For servers: local evaluation and remote configuration. Never in pages or apps."
      keys={keys}
      scopes={['feature_flag:read']}
      create={(label, scopes) =>
        written(
          answered(
            api.POST('/api/projects/{project_id}/project_secret_api_keys/', {
              params: { path: { project_id: project } },
              body: { label, scopes: [...scopes] },
            }),
          ),
        )
      }
      roll={(id) =>
        written(
          answered(api.POST('/api/projects/{project_id}/project_secret_api_keys/{id}/roll/', { params: path(id) })),
        )
      }
      remove={async (id) => {
        await written(
          answered(api.DELETE('/api/projects/{project_id}/project_secret_api_keys/{id}/', { params: path(id) })),
        );
      }}
    />
  );
}
