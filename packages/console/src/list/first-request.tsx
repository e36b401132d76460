import { useQuery } from '@tanstack/react-query';
import { recentQuery, projectsQuery } from '../api/queries.ts';
import { CopyButton } from '../design/copy-button.tsx';
import { curlOf } from '../flag/snippets.ts';

interface FirstRequestProps {
  readonly project: string;
}

/** How the first request is sent, with the address and the token that work here; it is noticed when it comes (K72). */
export function FirstRequest({ project }: FirstRequestProps) {
  const { data: projects } = useQuery(projectsQuery);
  const { data: sample } = useQuery({
    ...recentQuery(project),
    refetchInterval: ({ state }) => (state.data?.state === 'empty' ? 2_000 : false),
  });
  const token = projects?.find(({ id }) => String(id) === project)?.api_token ?? '<project token>';
  const curl = curlOf(globalThis.location.origin, token, null, { distinctId: 'ada', personProperties: {}, groups: {} });
  return (
    <div className="stack tight">
      <div className="row spread wrap">
        <p>Ask for the flags of somebody:</p>
        <CopyButton text={curl}>Copy</CopyButton>
      </div>
      <pre className="code">{curl}</pre>
      <p role="status" className="quiet">
        {sample?.state === 'empty' && 'Waiting for the first request …'}
        {(sample?.state === 'young' || sample?.state === 'ready') &&
          `The first request has come: flags were asked for ${sample.requests === 1 ? 'once' : `${sample.requests} times`}.`}
      </p>
    </div>
  );
}
