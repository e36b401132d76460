import { type Headers, header } from '../../http/messages.ts';

export interface PublicUrlOptions {
  /** Of the setting; it wins. */
  readonly publicUrl: string | undefined;
  /** Believe `X-Forwarded-Proto` and `X-Forwarded-Host`. */
  readonly trustProxy: boolean;
}

const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** The address of a request as its caller would write it (M23): by the setting, else by a trusted proxy, else by `Host`. */
export function publicUrl(target: string, headers: Headers, { publicUrl: fixed, trustProxy }: PublicUrlOptions): URL {
  return new URL(`${base(headers, fixed, trustProxy)}${target.startsWith('/') ? target : `/${target}`}`);
}

function base(headers: Headers, fixed: string | undefined, trustProxy: boolean): string {
  if (fixed !== undefined) return fixed.replace(/\/+$/, '');
  const forwarded = (name: string): string | undefined =>
    trustProxy ? header(headers, name)?.split(',', 1)[0]?.trim() : undefined;
  const scheme = forwarded('x-forwarded-proto') === 'https' ? 'https' : 'http';
  const host = [forwarded('x-forwarded-host'), header(headers, 'host')].find(
    (name) => name !== undefined && HOST.test(name),
  );
  return `${scheme}://${host ?? 'localhost'}`;
}
