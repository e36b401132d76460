import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { answered, api } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import { queryClient } from '../api/queries.ts';
import { Button, Chooser, TextField } from '../design/controls.tsx';
import { Dialog } from '../design/dialog.tsx';
import { Moment } from '../design/moment.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { choicesQuery } from '../list/list-queries.ts';

/** A feature that people may ask for before everybody gets it (M128). */
interface Feature {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly stage: string;
  readonly documentation_url: string;
  readonly created_at: string;
  readonly feature_flag: { readonly id: number; readonly key: string } | null;
}

const stages: Readonly<Record<string, string>> = {
  draft: 'Draft',
  concept: 'Concept',
  alpha: 'Alpha',
  beta: 'Beta',
  'general-availability': 'Generally available',
  archived: 'Archived',
};
/** Stages in which people may let themselves in (M131). */
const open = new Set(['alpha', 'beta', 'general-availability']);

const featuresQuery = (project: string) =>
  queryOptions({
    queryKey: ['early-access', project],
    queryFn: async ({ signal }) => {
      const answer = await answered(
        api.GET('/api/projects/{project_id}/early_access_feature/', {
          params: { path: { project_id: project }, query: { limit: '1000' } },
          signal,
        }),
      );
      return answer.results as unknown as readonly Feature[];
    },
    placeholderData: keepPreviousData,
  });

/** What is offered early, and how far along it is. */
export function EarlyAccessPage() {
  const { project } = useParams({ from: '/inside/p/$project/early-access' });
  const { data: features, error } = useQuery(featuresQuery(project));
  const [edited, setEdited] = useState<Feature | 'new' | null>(null);
  const [going, setGoing] = useState<Feature | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const remove = async ({ id }: Feature): Promise<void> => {
    setGoing(null);
    setProblem(null);
    try {
      await answered(
        api.DELETE('/api/projects/{project_id}/early_access_feature/{id}/', {
          params: { path: { project_id: project, id } },
        }),
      );
      await changed(project);
    } catch (failed) {
      setProblem(failed instanceof Error ? failed.message : String(failed));
    }
  };
  return (
    <div className="stack">
      <div className="row spread wrap">
        <h1>Early access</h1>
        <Button look="primary" onPress={() => setEdited('new')}>
          New feature …
        </Button>
      </div>
      <p className="quiet">
        Users can join features in alpha, beta and general availability, through the SDK’s early access functions.
      </p>
      {error !== null && <p className="notice bad">{error.message}</p>}
      {problem !== null && <ProblemNotice>{problem}</ProblemNotice>}
      {features === undefined && error === null && <p className="quiet">Reading …</p>}
      {features?.length === 0 && (
        <div className="card stack tight empty">
          <h2>No early access features yet</h2>
          <p className="quiet">Users can opt in to a feature before everybody gets it.</p>
        </div>
      )}
      {features !== undefined && features.length > 0 && (
        <div className="table-frame">
          <table>
            <thead>
              <tr>
                <th scope="col">Feature</th>
                <th scope="col">Stage</th>
                <th scope="col">Flag</th>
                <th scope="col">Created</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {features.map((feature) => (
                <tr key={feature.id}>
                  <th scope="row" className="flag-name">
                    <strong>{feature.name}</strong>
                    <div className="quiet small">{feature.description}</div>
                  </th>
                  <td data-label="Stage">
                    <div>
                      {stages[feature.stage] ?? feature.stage}
                      <div className="quiet small">{open.has(feature.stage) ? 'people can join' : 'closed'}</div>
                    </div>
                  </td>
                  <td data-label="Flag">
                    {feature.feature_flag === null ? (
                      <span className="quiet">none</span>
                    ) : (
                      <Link
                        to="/p/$project/flags/$key"
                        params={{ project, key: feature.feature_flag.key }}
                        search={{}}
                        className="mono"
                      >
                        {feature.feature_flag.key}
                      </Link>
                    )}
                  </td>
                  <td data-label="Created">
                    <Moment time={feature.created_at} />
                  </td>
                  <td>
                    <div className="row tight actions">
                      <Button look="plain" aria-label={`Change ${feature.name}`} onPress={() => setEdited(feature)}>
                        Change …
                      </Button>
                      <Button look="plain" aria-label={`Delete ${feature.name}`} onPress={() => setGoing(feature)}>
                        Delete …
                      </Button>
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {edited !== null && (
        <FeatureDialog project={project} feature={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />
      )}
      <Dialog
        title={`Delete ${going?.name ?? ''}`}
        isOpen={going !== null}
        onClose={() => setGoing(null)}
        footer={
          <>
            <Button onPress={() => setGoing(null)}>Cancel</Button>
            <Button look="danger" onPress={() => going !== null && void remove(going)}>
              Delete
            </Button>
          </>
        }
      >
        <p>
          Whoever joined no longer gets <code>{going?.feature_flag?.key ?? 'the flag'}</code>. The flag stays.
        </p>
      </Dialog>
    </div>
  );
}

async function changed(project: string): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['early-access', project] }),
    queryClient.invalidateQueries({ queryKey: ['flags', project] }),
  ]);
}

interface FeatureDialogProps {
  readonly project: string;
  readonly feature: Feature | null;
  readonly onClose: () => void;
}

function FeatureDialog({ project, feature, onClose }: FeatureDialogProps) {
  const [name, setName] = useState(feature?.name ?? '');
  const [description, setDescription] = useState(feature?.description ?? '');
  const [stage, setStage] = useState(feature?.stage ?? 'draft');
  const [documentation, setDocumentation] = useState(feature?.documentation_url ?? '');
  const [flag, setFlag] = useState('');
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const { data: found } = useQuery({ ...choicesQuery(project, 'flag', flag), enabled: flag !== '' });
  const chosen = found?.find(({ value }) => value === flag)?.id;
  const isUnknown = flag !== '' && found !== undefined && chosen === undefined;
  const at = (attr: string): string | null => (problem?.attr === attr ? problem.message : null);
  const save = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    const body = { name, description, stage, documentation_url: documentation };
    try {
      await (feature === null
        ? answered(
            api.POST('/api/projects/{project_id}/early_access_feature/', {
              params: { path: { project_id: project } },
              body: { ...body, ...(chosen === undefined ? {} : { feature_flag_id: chosen }) },
            }),
          )
        : answered(
            api.PATCH('/api/projects/{project_id}/early_access_feature/{id}/', {
              params: { path: { project_id: project, id: feature.id } },
              body,
            }),
          ));
      await changed(project);
      onClose();
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={feature === null ? 'New early access feature' : `Change ${feature.name}`}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            look="primary"
            isPending={isBusy}
            isDisabled={name.trim() === '' || isUnknown}
            onPress={() => void save()}
          >
            {feature === null ? 'Create' : 'Save'}
          </Button>
        </>
      }
    >
      <TextField label="Name" value={name} onChange={setName} error={at('name')} autoFocus />
      <TextField label="Description" value={description} onChange={setDescription} lines={2} />
      <Chooser
        label="Stage"
        value={stage}
        choices={Object.entries(stages).map(([id, text]) => ({
          id,
          text: open.has(id) ? `${text} (people can join)` : text,
        }))}
        onChange={setStage}
      />
      <TextField
        label="Documentation URL (optional)"
        value={documentation}
        onChange={setDocumentation}
        error={at('documentation_url')}
      />
      {feature === null && (
        <TextField
          label="Flag (optional)"
          value={flag}
          onChange={setFlag}
          placeholder="Key"
          hint="Leave empty to create a flag that is off until somebody joins."
          error={at('feature_flag_id') ?? (isUnknown ? 'There is no flag of this key.' : null)}
          suggestions={(found ?? []).map(({ value }) => value)}
          mono
        />
      )}
      {problem !== null && !['name', 'documentation_url', 'feature_flag_id'].includes(problem.attr ?? '') && (
        <ProblemNotice>{problem.message}</ProblemNotice>
      )}
    </Dialog>
  );
}
