import { createHash } from 'node:crypto';

/** What is stored of a key (D17, M150): its digest, and enough of it for people to tell it from others. */
export interface StoredSecret {
  /** `sha256$` and the digest. */
  readonly secureValue: string;
  readonly mask: string;
}

/** SHA-256 in lower-case hex: what is stored of texts that are random enough. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What is stored of a new key. */
export function storedSecret(secret: string): StoredSecret {
  return { secureValue: `sha256$${digestOf(secret)}`, mask: `${secret.slice(0, 4)}...${secret.slice(-4)}` };
}
