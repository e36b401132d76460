import type { Ability } from './contract.ts';

/** What a client is written in; the last two are kinds of clients that manage flags, each with a folder of its own. */
export type Language = 'js' | 'python' | 'go' | 'rust' | 'java' | 'terraform' | 'mcp';

/** A client as it is published, and where its program is. */
export interface Published {
  /** Its own name, by which HALYARD_CLIENTS names it, too. */
  readonly name: string;
  readonly language: Language;
  /** The package whose version counts. */
  readonly package: string;
  /** File of the program, in the folder of the language; undefined: the language has one program. */
  readonly program?: string;
}

/** A published client that asks for values, and what can be expected of it. */
export interface Client extends Published {
  readonly can: readonly Ability[];
  /** What it says of a flag that the service does not know. */
  readonly unknown: null | false;
  /** For the table. */
  readonly remarks: string;
}

const SERVER: readonly Ability[] = ['groups', 'overrides', 'payloads', 'local', 'remoteConfig', 'events', 'persons'];

export const clients: readonly Client[] = [
  {
    name: 'posthog-node',
    language: 'js',
    package: 'posthog-node',
    program: 'posthog-node.mjs',
    can: [...SERVER, 'device'],
    unknown: null,
    remarks: 'the device goes along as the property `$device_id`',
  },
  {
    name: 'posthog-js-lite',
    language: 'js',
    package: 'posthog-js-lite',
    program: 'posthog-js-lite.mjs',
    can: ['groups', 'overrides', 'payloads', 'events'],
    unknown: null,
    remarks: 'one user at a time; keeps the last values in memory',
  },
  {
    name: '@posthog/core',
    language: 'js',
    package: '@posthog/core',
    program: 'posthog-core.mjs',
    can: ['groups', 'overrides', 'payloads', 'events', 'device'],
    unknown: null,
    remarks: 'what posthog-react-native is built on, on Node',
  },
  {
    name: 'posthog-react-native',
    language: 'js',
    package: 'posthog-react-native',
    program: 'posthog-react-native.mjs',
    can: ['groups', 'overrides', 'payloads', 'events', 'device'],
    unknown: null,
    remarks: 'on React Native for Web, on Node: without what only a phone has',
  },
  {
    name: '@flags-sdk/posthog',
    language: 'js',
    package: '@flags-sdk/posthog',
    program: 'flags-sdk.mjs',
    can: ['payloads', 'local'],
    unknown: null,
    remarks: 'brings posthog-node 4.11.1; sends neither groups nor properties',
  },
  {
    name: 'posthog (Python)',
    language: 'python',
    package: 'posthog',
    program: 'posthog_python.py',
    can: [...SERVER, 'device'],
    unknown: null,
    remarks: '',
  },
  {
    name: 'openfeature-provider-posthog',
    language: 'python',
    package: 'openfeature-provider-posthog',
    program: 'openfeature_python.py',
    can: ['groups', 'overrides', 'payloads', 'local', 'events'],
    unknown: null,
    remarks: 'OpenFeature; a payload must be an object or a list',
  },
  {
    name: 'posthog-go',
    language: 'go',
    package: 'github.com/posthog/posthog-go',
    can: SERVER,
    unknown: false,
    remarks: 'with a personal key it does not say for which project it asks, so encrypted payloads are not found',
  },
  {
    name: 'posthog-rs',
    language: 'rust',
    package: 'posthog-rs',
    can: ['groups', 'overrides', 'payloads', 'local', 'events', 'persons'],
    unknown: null,
    remarks: '',
  },
  {
    name: 'posthog-server (Java)',
    language: 'java',
    package: 'com.posthog:posthog-server',
    can: ['groups', 'overrides', 'payloads', 'local', 'events'],
    unknown: null,
    remarks: '',
  },
];

/** PostHog's Terraform provider, under Terraform or OpenTofu. */
export const terraformProvider: Published = {
  name: 'terraform-provider-posthog',
  language: 'terraform',
  package: 'github.com/PostHog/terraform-provider-posthog',
};

/** The tools of PostHog's MCP server, as a package. */
export const agentToolkit: Published = {
  name: '@posthog/agent-toolkit',
  language: 'mcp',
  package: '@posthog/agent-toolkit',
};
