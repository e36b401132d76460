import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactNumber, type JsonObject } from '@halyard/json';
import { errorCodes } from '../wire/error-codes.ts';
import { Turns } from 'halyard/host';
import { Failure } from '../wire/failure.ts';
import { MAX_BODY_BYTES } from '../../http/read-body.ts';
import { type BodyForm, decodeBody } from './decode-body.ts';
import { decodeLargeBody } from './decode-large-body.ts';

const JSON_FORM: BodyForm = { contentType: 'application/json', contentEncoding: undefined, compression: undefined };
const URL_FORM: BodyForm = { ...JSON_FORM, contentType: 'application/x-www-form-urlencoded' };

function decode(body: string | Uint8Array, form: Partial<BodyForm> = {}): JsonObject | string {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const decoded = decodeBody(bytes, { ...JSON_FORM, ...form });
  return decoded instanceof Failure ? decoded.code : decoded;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

describe('sizes', () => {
  it('H30: a body of exactly 2 MiB is read', () => {
    const text = `{"token":"a"${' '.repeat(MAX_BODY_BYTES - 13)}}`;
    expect(text.length).toBe(MAX_BODY_BYTES);
    expect(decode(text)).toEqual({ token: 'a' });
  });

  it('H30: one byte more is refused', () => {
    expect(decode(Buffer.alloc(MAX_BODY_BYTES + 1, ' '))).toBe('body_too_large');
  });

  it('H30: gzip that expands over 4 MiB is refused while it inflates', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(MAX_BODY_BYTES);
    const before = process.memoryUsage().arrayBuffers;
    expect(decode(bomb)).toBe('body_expands_too_far');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });

  it('H36: an empty body is refused', () => {
    expect(decode('')).toBe('body_empty');
    expect(decode('', URL_FORM)).toBe('body_empty');
  });
});

describe('what had to be put right', () => {
  const kludges = (body: string | Uint8Array, form: Partial<BodyForm> = {}): readonly string[] | undefined => {
    const told: { kludges: readonly string[] | undefined } = { kludges: undefined };
    decodeBody(typeof body === 'string' ? Buffer.from(body) : body, { ...JSON_FORM, ...form }, told);
    return told.kludges;
  };

  it('H230: is told by the reference’s names', async () => {
    const packed = gzipSync('{"a":1}');
    expect(kludges('{"a":1}')).toBeUndefined();
    expect(kludges(packed, { compression: 'gzip' })).toBeUndefined();
    expect(kludges(packed)).toEqual(['auto_detected_gzip']);
    expect(kludges(base64('{"a":1}'))).toEqual(['base64_fallback_success']);
    expect(kludges('nothing')).toBeUndefined();
    // Padding is lost with what is behind the second "=".
    const named = (text: string): string => `data=${encodeURIComponent(base64(text))}`;
    expect(kludges(named('{"a":123}'), URL_FORM)).toBeUndefined();
    expect(kludges(named('{"a":12}'), URL_FORM)).toEqual(['padding_needed']);
    expect(kludges(base64('{"a":1}').replaceAll('=', ''), URL_FORM)).toEqual(['missing_data_prefix', 'padding_needed']);
    const broken = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]).toString('base64');
    expect(kludges(`data=${encodeURIComponent(broken)}`, URL_FORM)).toEqual(['lossy_utf8']);
    const told: { kludges: readonly string[] | undefined } = { kludges: undefined };
    await decodeLargeBody(packed, JSON_FORM, new Turns(), told);
    expect(told.kludges).toEqual(['auto_detected_gzip']);
  });

  it('H35: JSON that calls itself a form is told what to say instead', () => {
    expect(decode('{"token":"a"}', URL_FORM)).toBe('form_invalid');
    expect(errorCodes.form_invalid.text).toContain('Content-Type: application/json');
  });
});

describe('content types', () => {
  it.each([undefined, 'application/json', 'text/plain', 'Application/JSON; charset=utf-8', ' text/plain ;x'])(
    'H31: %s is JSON',
    (contentType) => {
      expect(decode('{"a":1}', { contentType })).toEqual({ a: 1 });
    },
  );

  it.each(['application/xml', 'multipart/form-data; boundary=x', 'application/jsonp', 'application/octet-stream'])(
    'H31: %s is refused',
    (contentType) => {
      expect(decode('{"a":1}', { contentType })).toBe('content_type_unsupported');
    },
  );

  it('H20: an unknown compression is refused', () => {
    expect(decode('{"a":1}', { compression: 'unsupported' })).toBe('compression_unsupported');
  });
});

describe('gzip', () => {
  const packed = gzipSync('{"a":1}');

  it('H32: compression=gzip says that the body is packed', () => {
    expect(decode(packed, { compression: 'gzip' })).toEqual({ a: 1 });
  });

  it('H32: Content-Encoding says that the body is packed', () => {
    expect(decode(packed, { contentEncoding: 'br, GZIP' })).toEqual({ a: 1 });
  });

  it('H32: the first two bytes say that the body is packed', () => {
    expect(decode(packed)).toEqual({ a: 1 });
  });

  it('H32: a body that only claims to be packed is refused', () => {
    expect(decode('{"a":1}', { compression: 'gzip' })).toBe('gzip_broken');
  });

  it('H32: a stream cut short is refused', () => {
    expect(decode(packed.subarray(0, -9))).toBe('gzip_broken');
  });
});

describe('JSON', () => {
  it('H33: invalid UTF-8 is replaced', () => {
    expect(decode(Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]))).toEqual({ a: '\ufffd' });
  });

  it('H33: JSON5 is accepted', () => {
    expect(decode("{token: 'x', /* why not */ n: .5, list: [1,],}")).toEqual({ token: 'x', n: 0.5, list: [1] });
  });

  it('H33: NaN and the infinities are null, at any depth', () => {
    expect(decode('{"a":NaN,"b":[-Infinity,{"c":Infinity}],"d":1}')).toEqual({ a: null, b: [null, { c: null }], d: 1 });
  });

  it('H37a: 20 000 values are read, one more is refused, however the body is packed', () => {
    const many = (count: number): string => `{"list":[${'1,'.repeat(count - 1)}1]}`;
    expect(decode(many(20_000))).toBeTypeOf('object');
    const text = many(20_001);
    expect([decode(text), decode(gzipSync(text)), decode(base64(text))]).toEqual(Array(3).fill('body_too_many_values'));
    expect(decode(`data=${base64(text)}`, URL_FORM)).toBe('body_too_many_values');
  });

  it('H33: a long text that is not strict JSON is refused, not read for a second', () => {
    expect(decode(`{"a":"${'x'.repeat(200_000)}",}`)).toBe('json_invalid');
  });

  it('E95: numbers that a double would change keep their text', () => {
    const body = decode('{"a":9007199254740993,"b":1.0,"c":2}') as JsonObject;
    expect(body.a).toEqual(new ExactNumber('9007199254740993', 9007199254740992));
    expect((body.b as ExactNumber).text).toBe('1.0');
    expect(body.c).toBe(2);
  });

  it.each(['{"a":', 'hello', '{"a":1}}', '\u0000', '{"a" 1}'])('H34: %j is refused', (text) => {
    expect(decode(text)).toBe('json_invalid');
  });

  it.each(['[]', '"text"', '1', 'null', 'true', '1e400', '-0', '9007199254740993'])('H36: %s is no object', (text) => {
    expect(decode(text)).toBe('body_not_object');
  });

  it('H37: 128 levels are read, 129 are refused', () => {
    const nested = (levels: number): string => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    expect(decode(nested(128))).toBeTypeOf('object');
    expect(decode(nested(129))).toBe('json_too_deep');
  });

  it('H37: 10 000 nested arrays are refused', () => {
    expect(decode(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)).toBe('json_too_deep');
  });

  it('H37: the lenient reader has the same limit', () => {
    expect(decode(`{a:${'['.repeat(127)}${']'.repeat(127)}}`)).toBeTypeOf('object');
    expect(decode(`{a:${'['.repeat(128)}${']'.repeat(128)}}`)).toBe('json_too_deep');
  });

  it.each(['{"__proto__":{"token":"stolen"},"a":1}', '{__proto__:{token:"stolen"},a:1}'])(
    'a __proto__ key is a name like any other: %s',
    (text) => {
      const body = decode(text) as JsonObject;
      expect(Object.keys(body)).toEqual(['__proto__', 'a']);
      expect(body.token).toBeUndefined();
    },
  );

  it('a lone surrogate is text like any other', () => {
    expect(decode('{"a":"\\ud800"}')).toEqual({ a: '\ud800' });
  });
});

describe('base64', () => {
  it('H34: text that is not JSON is tried once more as base64', () => {
    expect(decode(base64('{"a":1}'))).toEqual({ a: 1 });
  });

  it('H34: percent escapes, blanks and missing padding are understood', () => {
    const text = base64('{"abcd":12}').replaceAll('=', '');
    expect(text.length % 4).not.toBe(0);
    expect(decode(` ${text.slice(0, 5)} ${text.slice(5)}%20`)).toEqual({ abcd: 12 });
    expect(decode(encodeURIComponent(base64('{"a":12}')))).toEqual({ a: 12 });
  });

  it('H34: compression=base64 with a JSON content type takes the same way', () => {
    expect(decode(base64('{"a":1}'), { compression: 'base64' })).toEqual({ a: 1 });
    expect(decode('{"a":1}', { compression: 'base64' })).toBe('json_invalid');
  });
});

describe('forms', () => {
  it('H35: data= holds base64, as posthog-js sends it', () => {
    expect(decode(`data=${encodeURIComponent(base64('{"ab":"?>"}'))}`, URL_FORM)).toEqual({ ab: '?>' });
  });

  it('H35: what follows a second = is left out', () => {
    const text = base64('{"a":1}').replaceAll('=', '');
    expect(decode(`data=${text}=&lib=x`, URL_FORM)).toEqual({ a: 1 });
  });

  it('H35: a form without data= is base64 as a whole', () => {
    expect(decode(base64('{"a":1}'), URL_FORM)).toEqual({ a: 1 });
  });

  it('H35: a form holds strict JSON only', () => {
    expect(decode(`data=${base64('{a:1}')}`, URL_FORM)).toBe('form_invalid');
  });

  it('H35: compression=base64 changes nothing, compression=gzip is refused', () => {
    expect(decode(`data=${base64('{"a":1}')}`, { ...URL_FORM, compression: 'base64' })).toEqual({ a: 1 });
    expect(decode(`data=${base64('{"a":1}')}`, { ...URL_FORM, compression: 'gzip' })).toBe('compression_unsupported');
  });

  it('H35: a broken percent escape stays as it is and breaks the base64, not the service', () => {
    expect(decode('data=%', URL_FORM)).toBe('form_invalid');
    expect(decode('data=%zz%', URL_FORM)).toBe('form_invalid');
  });
});

describe('whatever arrives', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => Buffer.from(text)),
    fc.json().map((text) => Buffer.from(base64(text))),
    fc.json().map((text) => Buffer.from(`data=${encodeURIComponent(base64(text))}`)),
    fc.json().map((text) => gzipSync(text)),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    fc.stringMatching(/^[{}[\]:,"'\\a-z0-9.\-+ NI]*$/).map((text) => Buffer.from(text)),
  );
  const form = fc.record({
    contentType: fc.constantFrom(undefined, 'application/json', 'application/x-www-form-urlencoded', 'image/png'),
    contentEncoding: fc.constantFrom(undefined, 'gzip', 'identity'),
    compression: fc.constantFrom(undefined, 'gzip' as const, 'base64' as const, 'unsupported' as const),
  });

  it('H86: decoding gives an object, 400 or 413, and never throws', () => {
    fc.assert(
      fc.property(bytes, form, (body, how) => {
        const decoded = decodeBody(body, how);
        const status = decoded instanceof Failure ? errorCodes[decoded.code].status : 200;
        expect([200, 400, 413]).toContain(status);
      }),
      { numRuns: 1000 },
    );
  });

  it('H30–H37: in pieces it is decoded as at once', async () => {
    const turns = new Turns();
    await fc.assert(
      fc.asyncProperty(bytes, form, async (body, how) => {
        expect(await decodeLargeBody(body, how, turns)).toEqual(decodeBody(body, how));
      }),
      { numRuns: 300 },
    );
    // Longer than a piece, with characters across its borders.
    const text = JSON.stringify({ a: `${'é'.repeat(299_999)}x`, b: '日'.repeat(300_000) });
    for (const body of [Buffer.from(text), gzipSync(text), Buffer.from(base64(text)), Buffer.from(text.slice(1))]) {
      expect(await decodeLargeBody(body, JSON_FORM, turns)).toEqual(decodeBody(body, JSON_FORM));
    }
    const posted = Buffer.from(`data=${encodeURIComponent(base64(text))}`);
    expect(await decodeLargeBody(posted, URL_FORM, turns)).toEqual(decodeBody(posted, URL_FORM));
  });

  it('every JSON object survives every packing', () => {
    const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }));
    fc.assert(
      fc.property(object, (value) => {
        const text = JSON.stringify(value);
        const expected = JSON.parse(text) as unknown;
        const packings: readonly (JsonObject | string)[] = [
          decode(text),
          decode(gzipSync(text)),
          decode(base64(text)),
          decode(`data=${encodeURIComponent(base64(text))}`, URL_FORM),
        ];
        for (const decoded of packings) expect(JSON.parse(JSON.stringify(decoded))).toEqual(expected);
      }),
    );
  });
});
