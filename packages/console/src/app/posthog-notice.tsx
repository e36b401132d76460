import { useSuspenseQuery } from '@tanstack/react-query';
import { instanceQuery } from '../api/queries.ts';

/** Where flags are changed that this console only shows: PostHog's page of one, or of all; null: here. */
export function useChangedElsewhere(project: string): ((flag?: number) => string | null) | null {
  const { data } = useSuspenseQuery(instanceQuery);
  if (data.changes === 'here' || data.changes === 'forwarded') return null;
  const { posthog_url: url } = data;
  return (flag) => {
    if (url === null) return null;
    const page = `${url.replace(/\/+$/, '')}/project/${project}/feature_flags`;
    return flag === undefined ? page : `${page}/${flag}`;
  };
}

/** Says on every page that flags are not changed here, and where they are (K74). */
export function PostHogNotice({ project }: { readonly project: string }) {
  const { data } = useSuspenseQuery(instanceQuery);
  const elsewhere = useChangedElsewhere(project);
  if (data.changes === 'forwarded') {
    return <p className="notice outage">PostHog owns these flags: what you save here is saved there, with your key.</p>;
  }
  if (elsewhere === null) return null;
  const url = elsewhere();
  return (
    <p className="notice outage">
      <strong>Read only:</strong>{' '}
      {data.changes === 'nowhere' ? 'HALYARD_READ_ONLY is set.' : 'PostHog owns these flags.'} Drafts can be explained
      and counted here{data.changes === 'nowhere' ? '.' : ', and saved there.'}{' '}
      {url !== null && (
        <a href={url} rel="noreferrer">
          Change them in PostHog
        </a>
      )}
    </p>
  );
}
