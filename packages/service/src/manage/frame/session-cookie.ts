import { createHash } from 'node:crypto';
import { SESSION_SECONDS } from '@halyard/manage';
import { type Headers, header } from '../../http/messages.ts';

const NAME = 'halyard_session';

/** The session's own text, as the browser sent it; null: it sent none. */
export function sessionCookie(headers: Headers): string | null {
  for (const pair of (header(headers, 'cookie') ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === NAME) {
      const value = pair.slice(at + 1).trim();
      return /^[\w-]{20,100}$/.test(value) ? value : null;
    }
  }
  return null;
}

/** What a page has to send as `X-CSRFToken`: only who can read our answers learns it, and it needs no place of its own. */
export function csrfTokenOf(cookie: string): string {
  return createHash('sha256').update(`csrf:${cookie}`).digest('base64url');
}

/** The header that signs a browser in. */
export function signInCookie(value: string, isHttps: boolean): string {
  return cookieText(value, SESSION_SECONDS, isHttps);
}

/** The header that makes a browser forget. */
export function signOutCookie(isHttps: boolean): string {
  return cookieText('', 0, isHttps);
}

function cookieText(value: string, maxAge: number, isHttps: boolean): string {
  return `${NAME}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${isHttps ? '; Secure' : ''}`;
}
