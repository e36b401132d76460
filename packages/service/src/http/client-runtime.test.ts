import { describe, expect, it } from 'vitest';
import { detectRuntime, sdkOf } from './client-runtime.ts';

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36';

describe('runtime from the user agent', () => {
  it.each(['python', 'ruby', 'php', 'java', 'go', 'node', 'dotnet', 'elixir', 'rs', 'server'])(
    'E168: posthog-%s is a server',
    (sdk) => {
      expect(detectRuntime({ 'user-agent': `posthog-${sdk}/1.2.3`, origin: 'https://a.example' })).toBe('server');
    },
  );

  it.each(['js', 'android', 'ios', 'react-native', 'flutter'])('E168: posthog-%s is a client', (sdk) => {
    expect(detectRuntime({ 'user-agent': `posthog-${sdk}/1.2.3` })).toBe('client');
  });

  it.each(['posthog-cobol/1.0', 'posthog-node', 'posthog-node/', 'posthog-', 'posthog-Mozilla/5.0'])(
    'E168: %s says nothing, the headers decide',
    (userAgent) => {
      expect(detectRuntime({ 'user-agent': userAgent })).toBeUndefined();
      expect(detectRuntime({ 'user-agent': userAgent, origin: 'https://a.example' })).toBe('client');
    },
  );

  it.each([CHROME, 'Safari/605', 'My Firefox/1', 'Edge/12'])('E168: %s is a browser', (userAgent) => {
    expect(detectRuntime({ 'user-agent': userAgent })).toBe('client');
  });

  it.each(['curl/8.5.0', 'python-requests/2.32'])('E168: %s is a server', (userAgent) => {
    expect(detectRuntime({ 'user-agent': userAgent, referer: 'https://a.example' })).toBe('server');
  });

  it('E168: names are case-sensitive', () => {
    expect(detectRuntime({ 'user-agent': 'mozilla/5.0' })).toBeUndefined();
  });
});

describe('runtime from the headers', () => {
  it.each(['origin', 'referer', 'sec-fetch-mode', 'sec-fetch-site'])('E168: %s, even empty, means a client', (name) => {
    expect(detectRuntime({ [name]: '' })).toBe('client');
  });

  it('E168: without a sign the runtime is unknown', () => {
    expect(detectRuntime({ accept: '*/*' })).toBeUndefined();
  });
});

describe('sdkOf', () => {
  it('reads name and version of an SDK', () => {
    expect(sdkOf('posthog-node/5.70.0')).toEqual({ name: 'node', version: '5.70.0' });
    expect(sdkOf('posthog-react-native/4.1 (ios)')).toEqual({ name: 'react-native', version: '4.1' });
    expect(sdkOf(CHROME)).toBeNull();
  });
});
