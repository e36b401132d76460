import { queryOptions, useQuery } from '@tanstack/react-query';
import { answered, api } from '../api/client.ts';
import { queryClient } from '../api/queries.ts';
import { KeySection } from '../settings/key-section.tsx';

const keysQuery = queryOptions({
  queryKey: ['personal-keys'],
  queryFn: () => answered(api.GET('/api/personal_api_keys/')),
});

const objects = [
  'feature_flag',
  'cohort',
  'early_access_feature',
  'person',
  'group',
  'activity_log',
  'project',
  'organization',
  'user',
];
const scopes = ['*', ...objects.flatMap((object) => [`${object}:read`, `${object}:write`])];

const read = async <Result,>(pending: Promise<Result>): Promise<Result> => {
  const result = await pending;
  await queryClient.invalidateQueries({ queryKey: ['personal-keys'] });
  return result;
};

/** Keys of one's own: for scripts, Terraform and the command line (M150). */
export function SettingsKeysPage() {
  const { data: keys, error } = useQuery(keysQuery);
  if (error !== null) return <p className="notice bad">{error.message}</p>;
  if (keys === undefined) return <p className="quiet">Reading …</p>;
  return (
    <KeySection
      title="Personal keys"
      place="They act for you over the API. Keep them secret: on servers, never in pages or apps."
      keys={keys}
      scopes={scopes}
      create={(label, chosen) =>
        read(answered(api.POST('/api/personal_api_keys/', { body: { label, scopes: [...chosen] } })))
      }
      roll={(id) => read(answered(api.POST('/api/personal_api_keys/{id}/roll/', { params: { path: { id } } })))}
      remove={async (id) => {
        await read(answered(api.DELETE('/api/personal_api_keys/{id}/', { params: { path: { id } } })));
      }}
    />
  );
}
