import { Link, Outlet, useParams } from '@tanstack/react-router';

/** What belongs to oneself, and to the project. */
export function SettingsPage() {
  const { project } = useParams({ from: '/inside/p/$project/settings' });
  return (
    <div className="stack">
      <h1>Settings</h1>
      <nav className="tabs" aria-label="Settings">
        <Link to="/p/$project/settings" params={{ project }} activeOptions={{ exact: true }}>
          Profile
        </Link>
        <Link to="/p/$project/settings/keys" params={{ project }}>
          Personal keys
        </Link>
        <Link to="/p/$project/settings/members" params={{ project }}>
          Members
        </Link>
        <Link to="/p/$project/settings/project" params={{ project }}>
          Project
        </Link>
      </nav>
      <Outlet />
    </div>
  );
}
