/** Levels of membership (M16). */
export const levels = { member: 1, admin: 8, owner: 15 } as const;

export interface Membership {
  readonly organizationId: string;
  readonly level: number;
}

/** Who asks. */
export interface CallingUser {
  readonly id: number;
  readonly uuid: string;
  readonly distinctId: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly isEmailVerified: boolean | null;
  /** As the database writes it; null: it does not say. */
  readonly dateJoined: string | null;
  /** Oldest first. */
  readonly memberships: readonly Membership[];
  readonly currentOrganizationId: string | null;
  readonly currentTeamId: number | null;
}

/** A personal key, and what it may do (M14, M15). Empty lists of projects and organizations restrict nothing. */
export interface CallingKey {
  readonly kind: 'personal_key';
  readonly id: string;
  readonly label: string;
  readonly maskValue: string | null;
  readonly scopes: readonly string[];
  readonly scopedTeams: readonly number[];
  readonly scopedOrganizations: readonly string[];
  readonly createdAt: string | null;
  readonly lastUsedAt: string | null;
  readonly lastRolledAt: string | null;
}

/** A browser that is signed in (M11). */
export interface CallingSession {
  readonly kind: 'session';
  readonly digest: string;
  /** When the password was last given, in milliseconds since the epoch. */
  readonly confirmedAt: number;
  /** When it was last used, as far as that was noted; the same. */
  readonly lastSeenAt: number;
  /** What `X-CSRFToken` has to be in unsafe requests. */
  readonly csrfToken: string;
}

/** Who asks, and with what in hand. */
export interface Caller {
  readonly user: CallingUser;
  readonly via: CallingKey | CallingSession;
}

/** The caller's level in an organization; 0: not a member. */
export function levelIn({ user }: Caller, organizationId: string): number {
  return user.memberships.find((each) => each.organizationId === organizationId)?.level ?? 0;
}

type Json = Readonly<Record<string, unknown>>;

/** A user from a row as JSON; members that the schema lacks read as empty. */
export function userFromRow(row: Json): CallingUser {
  const memberships = (row['memberships'] ?? []) as { organization_id: string; level: number }[];
  return {
    id: Number(row['id']),
    uuid: text(row['uuid']) ?? '',
    distinctId: text(row['distinct_id']) ?? '',
    email: text(row['email']) ?? '',
    firstName: text(row['first_name']) ?? '',
    lastName: text(row['last_name']) ?? '',
    isEmailVerified: typeof row['is_email_verified'] === 'boolean' ? row['is_email_verified'] : null,
    dateJoined: text(row['date_joined']),
    memberships: memberships.map((each) => ({ organizationId: each.organization_id, level: each.level })),
    currentOrganizationId: text(row['current_organization_id']),
    currentTeamId: typeof row['current_team_id'] === 'number' ? row['current_team_id'] : null,
  };
}

/** A personal key from a row as JSON. */
export function keyFromRow(row: Json): CallingKey {
  return {
    kind: 'personal_key',
    id: text(row['id']) ?? '',
    label: text(row['label']) ?? '',
    maskValue: text(row['mask_value']),
    scopes: list(row['scopes']).map(String),
    scopedTeams: list(row['scoped_teams']).map(Number),
    scopedOrganizations: list(row['scoped_organizations']).map(String),
    createdAt: text(row['created_at']),
    lastUsedAt: text(row['last_used_at']),
    lastRolledAt: text(row['last_rolled_at']),
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
