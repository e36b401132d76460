import { Refusal } from '../refusal.ts';

/** Known, and not allowed: 403 (M13). */
export function denied(detail: string, code = 'permission_denied'): Refusal {
  return new Refusal(403, [{ type: 'authentication_error', code, detail, attr: null }]);
}
