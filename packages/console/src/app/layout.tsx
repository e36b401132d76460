import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { answered, api } from '../api/client.ts';
import { keepPersonalKey, personalKey } from '../api/personal-key.ts';
import { meQuery, projectsQuery, queryClient } from '../api/queries.ts';
import { Button, Chooser } from '../design/controls.tsx';
import { useShortcuts } from '../shortcuts/use-shortcuts.ts';
import { OutageNotice } from './outage.tsx';
import { PostHogNotice } from './posthog-notice.tsx';
import { setTheme, useTheme } from './theme.ts';
import { useChanges } from './use-changes.ts';

// What few visits need comes when it is needed.
const Palette = lazy(async () => ({ default: (await import('../shortcuts/palette.tsx')).Palette }));
const ShortcutList = lazy(async () => ({ default: (await import('../shortcuts/shortcut-list.tsx')).ShortcutList }));

/** The frame of every page behind the sign-in: which project one is in, and who one is. */
export function Layout() {
  const { data: projects } = useSuspenseQuery(projectsQuery);
  const { project } = useParams({ strict: false });
  const navigate = useNavigate();
  useChanges(project);
  const [open, setOpen] = useShortcuts(project);
  const signOut = useSignOut();
  const current = projects.find(({ id }) => String(id) === project);
  return (
    <>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <header className="top">
        <Link to="/" className="brand">
          <img src="/console/icon.svg" alt="" width="22" height="22" />
          Halyard
        </Link>
        {current !== undefined && projects.length > 1 && (
          <Chooser
            label="Project"
            hideLabel
            value={String(current.id)}
            choices={projects.map(({ id, name, is_demo }) => ({
              id: String(id),
              text: is_demo ? `${name} (demo)` : name,
            }))}
            onChange={(id) => void navigate({ to: '/p/$project/flags', params: { project: id } })}
          />
        )}
        {current !== undefined && projects.length <= 1 && <span className="quiet">{current.name}</span>}
        <nav aria-label="Project" className="row grow">
          {project !== undefined && <ProjectLinks project={project} />}
        </nav>
        {project !== undefined && (
          <Button look="plain" aria-keyshortcuts="Control+K" onPress={() => setOpen('palette')}>
            Go to …
          </Button>
        )}
        <WhoAmI onSignOut={signOut} />
      </header>
      <main id="content" className="page">
        <OutageNotice />
        {project !== undefined && <PostHogNotice project={project} />}
        {projects.length === 0 ? <NoProject /> : <Outlet />}
      </main>
      <Suspense fallback={null}>
        {open === 'palette' && project !== undefined && (
          <Palette
            project={project}
            onClose={() => setOpen(null)}
            onSignOut={signOut}
            onShortcuts={() => setOpen('list')}
          />
        )}
        {open === 'list' && <ShortcutList onClose={() => setOpen(null)} />}
      </Suspense>
    </>
  );
}

const inactive = { includeSearch: false } as const;

function ProjectLinks({ project }: { readonly project: string }) {
  const params = { project };
  return (
    <>
      <Link to="/p/$project/flags" params={params} className="top-link" activeOptions={inactive}>
        Flags
      </Link>
      <Link to="/p/$project/users" params={params} search={{}} className="top-link" activeOptions={inactive}>
        Users
      </Link>
      <Link to="/p/$project/cohorts" params={params} search={{}} className="top-link" activeOptions={inactive}>
        Cohorts
      </Link>
      <Link to="/p/$project/early-access" params={params} className="top-link">
        Early access
      </Link>
      <Link to="/p/$project/schedule" params={params} search={{}} className="top-link" activeOptions={inactive}>
        Schedule
      </Link>
      <Link to="/p/$project/history" params={params} search={{}} className="top-link" activeOptions={inactive}>
        History
      </Link>
      {personalKey() === null && (
        <Link to="/p/$project/settings" params={params} className="top-link">
          Settings
        </Link>
      )}
    </>
  );
}

function useSignOut(): () => void {
  const navigate = useNavigate();
  const signOut = async (): Promise<void> => {
    if (personalKey() === null) await answered(api.POST('/api/logout/')).catch(() => undefined);
    keepPersonalKey(null);
    queryClient.clear();
    await navigate({ to: '/login', search: {} });
  };
  return () => void signOut();
}

function WhoAmI({ onSignOut }: { readonly onSignOut: () => void }) {
  const { data: me } = useQuery(meQuery);
  const theme = useTheme();
  return (
    <>
      <span className="quiet who">{me?.email ?? ''}</span>
      <Chooser
        label="Theme"
        hideLabel
        value={theme}
        choices={[
          { id: 'system', text: 'System' },
          { id: 'light', text: 'Light' },
          { id: 'dark', text: 'Dark' },
        ]}
        onChange={setTheme}
      />
      <Button look="plain" onPress={onSignOut}>
        Sign out
      </Button>
    </>
  );
}

function NoProject() {
  return (
    <div className="stack">
      <h1>There is no project yet</h1>
      <p>
        Make one on the command line of the service, or over the API: <code>halyard project create</code>.
      </p>
    </div>
  );
}
