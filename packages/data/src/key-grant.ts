/** A key as somebody sent it. */
export interface SentKey {
  readonly text: string;
  /** SHA-256 of the text, in lower-case hex: what is stored of most keys (D17). */
  readonly digest: string;
}

/** Which key to note the use of. */
export interface KeyStamp {
  readonly kind: 'personal' | 'project';
  readonly id: string;
}

/** What a key opens. */
export type KeyGrant = ProjectGrant | PersonalGrant;

/** A secret token or a project secret key: one project. */
export interface ProjectGrant {
  readonly kind: 'project';
  readonly teamId: number;
  /** The project's public token. */
  readonly token: string;
  /** Null: its use need not be noted (now). */
  readonly stamp: KeyStamp | null;
}

/** A personal key: the projects of its owner's organizations, within its restrictions. */
export interface PersonalGrant {
  readonly kind: 'personal';
  /** Whether its scopes open definitions and remote configuration; who has another key hears what is missing (H86). */
  readonly opensFlags: boolean;
  readonly organizations: readonly string[];
  /** Empty: no restriction. */
  readonly scopedTeams: readonly number[];
  readonly scopedOrganizations: readonly string[];
  readonly stamp: KeyStamp | null;
}
