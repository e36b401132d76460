/** How many flags a page of the list has. */
export const PAGE_SIZE = 50;

export const listStates = ['on', 'off', 'stale', 'archived'] as const;
export const listTypes = ['boolean', 'multivariant', 'experiment', 'remote_config'] as const;
export const listRuntimes = ['client', 'server'] as const;

/** What a list of flags is asked for; as it stands in the address of the page (K42). */
export interface FlagListWish {
  /** Words of key and description, and tags as `tag:name`. */
  readonly search?: string | undefined;
  readonly state?: (typeof listStates)[number] | undefined;
  readonly type?: string | undefined;
  readonly tag?: string | undefined;
  readonly runtime?: string | undefined;
  /** Id of a user. */
  readonly creator?: string | undefined;
  /** Id of a flag that they ask about. */
  readonly depends?: string | undefined;
  /** Id of a cohort that they name. */
  readonly cohort?: string | undefined;
  readonly order?: string | undefined;
  readonly page?: number | undefined;
}

/** Reads what stands in an address; what is no wish is left out. */
export function readListWish(search: Readonly<Record<string, unknown>>): FlagListWish {
  const text = (name: string): string | undefined => {
    const value = search[name];
    return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
  };
  const among = <Name extends string>(name: string, known: readonly Name[]): Name | undefined =>
    known.find((one) => one === text(name));
  const page = Number(search['page']);
  return {
    search: text('search'),
    state: among('state', listStates),
    type: among('type', listTypes),
    tag: text('tag'),
    runtime: among('runtime', listRuntimes),
    creator: text('creator'),
    depends: text('depends'),
    cohort: text('cohort'),
    order: text('order'),
    page: Number.isSafeInteger(page) && page > 1 ? page : undefined,
  };
}

/** Whether it leaves anything out. */
export function isFiltered(wish: FlagListWish): boolean {
  return Object.entries(wish).some(([name, value]) => name !== 'page' && name !== 'order' && value !== undefined);
}

/** Words that are looked for and, among them, tags: `tag:cart`, or `tag:"two words"`. */
function readSearch(text: string): { readonly words: string; readonly tags: readonly string[] } {
  const tags: string[] = [];
  const words = text.replaceAll(/(?:^|\s)tag:(?:"([^"]*)"|(\S*))/gi, (_, quoted?: string, bare?: string) => {
    const tag = (quoted ?? bare ?? '').trim();
    if (tag !== '') tags.push(tag);
    return ' ';
  });
  return { words: words.trim(), tags };
}

/** Parameters of the API that choose flags (M36). */
export function selectionParameters(wish: FlagListWish): Record<string, string> {
  const { words, tags } = readSearch(wish.search ?? '');
  const wanted = [...tags, ...(wish.tag === undefined ? [] : [wish.tag])];
  const { state } = wish;
  return present({
    search: words === '' ? undefined : words,
    active: state === 'on' ? 'true' : state === 'off' ? 'false' : state === 'stale' ? 'STALE' : undefined,
    archived: state === 'archived' ? 'true' : undefined,
    type: wish.type,
    tags: wanted.length === 0 ? undefined : JSON.stringify(wanted),
    evaluation_runtime: wish.runtime,
    created_by_id: wish.creator,
    depends_on: wish.depends,
    uses_cohort: wish.cohort,
  });
}

/** The same with order and page. */
export function listParameters(wish: FlagListWish): Record<string, string> {
  const { order, page = 1 } = wish;
  return present({
    ...selectionParameters(wish),
    limit: String(PAGE_SIZE),
    offset: String((page - 1) * PAGE_SIZE),
    order,
  });
}

function present(parameters: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
