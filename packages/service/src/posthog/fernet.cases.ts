import { createCipheriv, createHmac, randomBytes } from 'node:crypto';

/** Seals a text as PostHog's administration does, for tests: nothing here has to. */
export function sealFernet(text: string, key: Uint8Array): string {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-128-cbc', key.subarray(16), iv);
  const signed = Buffer.concat([
    Buffer.from([0x80]),
    Buffer.alloc(8),
    iv,
    Buffer.concat([cipher.update(text), cipher.final()]),
  ]);
  const signature = createHmac('sha256', key.subarray(0, 16)).update(signed).digest();
  return Buffer.concat([signed, signature]).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
