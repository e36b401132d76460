import type { StoredFacts } from 'halyard/host';

/** What is stored about the people of the demo project. */
export const demoFacts: StoredFacts = {
  persons: [
    {
      distinctIds: ['ada', 'ada@example.com'],
      properties: {
        email: 'ada@example.com',
        plan: 'pro',
        country: 'GB',
        app_version: '2.5.1',
        signed_up_at: '2024-12-10',
        items_in_cart: 4,
      },
      createdAt: '2024-12-10T09:00:00Z',
    },
    {
      distinctIds: ['grace'],
      properties: {
        email: 'grace@example.org',
        plan: 'enterprise',
        country: 'US',
        app_version: '2.3.9',
        signed_up_at: '2025-06-01',
        items_in_cart: 1,
        '$feature_enrollment/labs-preview': true,
      },
      createdAt: '2025-06-01T12:00:00Z',
    },
    {
      distinctIds: ['linus'],
      properties: { email: 'linus@mail.test', plan: 'free', country: 'NL', app_version: '1.0.0' },
      createdAt: '2025-01-15T08:30:00Z',
    },
  ],
  groups: [
    { index: 0, key: 'acme', properties: { name: 'Acme', tier: 'gold' } },
    { index: 0, key: 'globex', properties: { name: 'Globex', tier: 'basic' } },
  ],
  staticMembers: [{ cohortId: 2, distinctIds: ['ada', 'grace'] }],
};
