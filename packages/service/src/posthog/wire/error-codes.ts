/** What the service may answer instead of a result (H85, H86). */
interface TextError {
  readonly status: number;
  readonly body: 'text';
  /** Seconds after which to ask again, where that helps (H87 (R)). */
  readonly retryAfter?: number;
  /** Default sentence; a failure may bring a more exact one. */
  readonly text: string;
}

interface JsonError {
  readonly status: number;
  readonly body: 'json';
  readonly type: string;
  /** The `code` of the body, where the log tells more exactly than the reference's answer (H86). */
  readonly code?: string;
  readonly retryAfter?: number;
  readonly text: string;
}

/**
 * Every error code of the service, in one place: the `error_code` of the log line, and the `code` of JSON errors, unless the entry has another one.
 * A code keeps its meaning for ever; a retired one is not used again. `docs/error-codes.md` lists the same, and a
 * test compares the two.
 */
export const errorCodes = {
  not_authenticated: {
    status: 401,
    body: 'json',
    type: 'authentication_error',
    text: 'The request names no project token. Send it as "token" in the body.',
  },
  authentication_failed: {
    status: 401,
    body: 'json',
    type: 'authentication_error',
    text: 'No project has this token.',
  },
  key_missing: {
    status: 401,
    body: 'json',
    type: 'authentication_error',
    code: 'not_authenticated',
    text: 'The request brings no key. Send a secret or personal key as "Authorization: Bearer KEY".',
  },
  key_invalid: {
    status: 401,
    body: 'json',
    type: 'authentication_error',
    code: 'authentication_failed',
    text: 'This key opens no such project. Send a secret key of the project, or a personal key of a member with the scope feature_flag:read.',
  },
  scope_missing: {
    status: 403,
    body: 'json',
    type: 'authentication_error',
    code: 'permission_denied',
    text: 'This personal key may not read flags. Give it the scope feature_flag:read, or send another key.',
  },
  token_missing: {
    status: 400,
    body: 'json',
    type: 'validation_error',
    text: 'A personal key belongs to no project. Name one: send the query parameter "token" with its public token.',
  },
  remote_config_decrypt_failed: {
    status: 500,
    body: 'json',
    type: 'server_error',
    text: 'The payload is encrypted, and no key of this service opens it. Set FLAGS_SECRET_KEYS or SECRET_KEY to what encrypted it.',
  },
  rate_limit_exceeded: {
    status: 429,
    body: 'json',
    type: 'validation_error',
    retryAfter: 1,
    text: 'Too many requests with tokens or keys that belong to nobody. Ask again later: right ones are answered as ever.',
  },
  payment_required: {
    status: 402,
    body: 'json',
    type: 'quota_limited',
    text: 'This project is over its quota of feature flags.',
  },
  target_invalid: {
    status: 400,
    body: 'text',
    text: 'The target of the request is neither a path nor an HTTP URL without a user.',
  },
  host_ambiguous: { status: 400, body: 'text', text: 'The request has more than one Host header. Send one.' },
  body_empty: { status: 400, body: 'text', text: 'The request has no body.' },
  body_unreadable: { status: 400, body: 'text', text: 'The body did not arrive whole.' },
  body_too_large: { status: 413, body: 'text', text: 'The body is larger than 2 MiB.' },
  events_too_large: { status: 413, body: 'text', text: 'The events are larger than 64 MiB.' },
  body_expands_too_far: { status: 413, body: 'text', text: 'The unpacked body is larger than 4 MiB.' },
  body_too_many_values: {
    status: 413,
    body: 'text',
    text: 'The body has more than 20000 values. Send the properties and groups that flags use.',
  },
  gzip_broken: { status: 400, body: 'text', text: 'The body cannot be unpacked as gzip.' },
  compression_unsupported: {
    status: 400,
    body: 'text',
    text: 'This compression is not supported here. Use gzip, gzip-js or base64.',
  },
  content_type_unsupported: {
    status: 400,
    body: 'text',
    text: 'This content type is not supported. Use application/json, text/plain or a form with "data".',
  },
  json_invalid: { status: 400, body: 'text', text: 'The body is not JSON.' },
  form_invalid: {
    status: 400,
    body: 'text',
    text: 'The body says that it is a form, and must have base64 of JSON in "data". To send JSON as it is, say Content-Type: application/json.',
  },
  json_too_deep: { status: 400, body: 'text', text: 'The body nests deeper than 128 levels.' },
  body_not_object: { status: 400, body: 'text', text: 'The body must be a JSON object.' },
  field_type: { status: 400, body: 'text', text: 'A field of the body has the wrong type.' },
  query_invalid: { status: 400, body: 'text', text: 'The query string cannot be read.' },
  distinct_id_missing: { status: 400, body: 'text', text: 'The request names no distinct_id.' },
  cookieless_incomplete: {
    status: 400,
    body: 'text',
    text: 'An id without cookies needs the address of the client, its user agent, and the header Origin.',
  },
  cookieless_failed: { status: 500, body: 'text', text: 'An id without cookies could not be made.' },
  database_error: { status: 500, body: 'text', text: 'The database refused a query of this request.' },
  database_unavailable: { status: 503, body: 'text', text: 'The database cannot be reached.' },
  request_timeout: { status: 503, body: 'text', text: 'The request took too long.' },
  overloaded: { status: 504, body: 'text', retryAfter: 1, text: 'Too many requests are waiting. Try again.' },
  internal_error: { status: 500, body: 'text', text: 'Something went wrong inside the service.' },
} as const satisfies Record<string, TextError | JsonError>;

export type ErrorCode = keyof typeof errorCodes;
