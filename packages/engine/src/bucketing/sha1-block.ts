/** The five chaining words of SHA-1, as signed 32-bit integers. */
export type Sha1State = Int32Array;

/** Puts the initial chaining words of SHA-1 (FIPS 180-4) into `state`. */
export function resetSha1(state: Sha1State): void {
  state[0] = 0x67452301;
  state[1] = 0xefcdab89;
  state[2] = 0x98badcfe;
  state[3] = 0x10325476;
  state[4] = 0xc3d2e1f0;
}

/**
 * Runs the SHA-1 compression of FIPS 180-4 over one block and adds the result to `state`. Word `i` of the block is
 * `front[at + i] | back[from + i]`, so that a message in two packed parts needs no copying; `last` is added to word 15.
 *
 * The rounds are written out because this is the inner loop of bucketing: with the words and chaining values in locals it takes
 * little more than half the time of the same rounds as a loop (docs/decisions/sha1.md).
 */
// biome-ignore format: one round a line can be read against the standard
export function compressSha1(state: Sha1State, front: Int32Array, at: number, back: Int32Array, from: number, last: number): void {
  let w0 = (front[at] as number) | (back[from] as number); let w1 = (front[at + 1] as number) | (back[from + 1] as number);
  let w2 = (front[at + 2] as number) | (back[from + 2] as number); let w3 = (front[at + 3] as number) | (back[from + 3] as number);
  let w4 = (front[at + 4] as number) | (back[from + 4] as number); let w5 = (front[at + 5] as number) | (back[from + 5] as number);
  let w6 = (front[at + 6] as number) | (back[from + 6] as number); let w7 = (front[at + 7] as number) | (back[from + 7] as number);
  let w8 = (front[at + 8] as number) | (back[from + 8] as number); let w9 = (front[at + 9] as number) | (back[from + 9] as number);
  let w10 = (front[at + 10] as number) | (back[from + 10] as number); let w11 = (front[at + 11] as number) | (back[from + 11] as number);
  let w12 = (front[at + 12] as number) | (back[from + 12] as number); let w13 = (front[at + 13] as number) | (back[from + 13] as number);
  let w14 = (front[at + 14] as number) | (back[from + 14] as number); let w15 = (front[at + 15] as number) | (back[from + 15] as number) | last;
  let a = state[0] as number; let b = state[1] as number; let c = state[2] as number; let d = state[3] as number; let e = state[4] as number;
  // rounds 0 to 19: choose
  e = (e + ((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + w0 + 0x5a827999) | 0; b = (b << 30) | (b >>> 2);
  d = (d + ((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + w1 + 0x5a827999) | 0; a = (a << 30) | (a >>> 2);
  c = (c + ((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + w2 + 0x5a827999) | 0; e = (e << 30) | (e >>> 2);
  b = (b + ((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + w3 + 0x5a827999) | 0; d = (d << 30) | (d >>> 2);
  a = (a + ((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + w4 + 0x5a827999) | 0; c = (c << 30) | (c >>> 2);
  e = (e + ((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + w5 + 0x5a827999) | 0; b = (b << 30) | (b >>> 2);
  d = (d + ((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + w6 + 0x5a827999) | 0; a = (a << 30) | (a >>> 2);
  c = (c + ((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + w7 + 0x5a827999) | 0; e = (e << 30) | (e >>> 2);
  b = (b + ((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + w8 + 0x5a827999) | 0; d = (d << 30) | (d >>> 2);
  a = (a + ((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + w9 + 0x5a827999) | 0; c = (c << 30) | (c >>> 2);
  e = (e + ((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + w10 + 0x5a827999) | 0; b = (b << 30) | (b >>> 2);
  d = (d + ((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + w11 + 0x5a827999) | 0; a = (a << 30) | (a >>> 2);
  c = (c + ((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + w12 + 0x5a827999) | 0; e = (e << 30) | (e >>> 2);
  b = (b + ((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + w13 + 0x5a827999) | 0; d = (d << 30) | (d >>> 2);
  a = (a + ((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + w14 + 0x5a827999) | 0; c = (c << 30) | (c >>> 2);
  e = (e + ((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + w15 + 0x5a827999) | 0; b = (b << 30) | (b >>> 2);
  w0 ^= w13 ^ w8 ^ w2; w0 = (w0 << 1) | (w0 >>> 31); d = (d + ((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + w0 + 0x5a827999) | 0; a = (a << 30) | (a >>> 2);
  w1 ^= w14 ^ w9 ^ w3; w1 = (w1 << 1) | (w1 >>> 31); c = (c + ((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + w1 + 0x5a827999) | 0; e = (e << 30) | (e >>> 2);
  w2 ^= w15 ^ w10 ^ w4; w2 = (w2 << 1) | (w2 >>> 31); b = (b + ((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + w2 + 0x5a827999) | 0; d = (d << 30) | (d >>> 2);
  w3 ^= w0 ^ w11 ^ w5; w3 = (w3 << 1) | (w3 >>> 31); a = (a + ((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + w3 + 0x5a827999) | 0; c = (c << 30) | (c >>> 2);
  // rounds 20 to 39: parity
  w4 ^= w1 ^ w12 ^ w6; w4 = (w4 << 1) | (w4 >>> 31); e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + w4 + 0x6ed9eba1) | 0; b = (b << 30) | (b >>> 2);
  w5 ^= w2 ^ w13 ^ w7; w5 = (w5 << 1) | (w5 >>> 31); d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + w5 + 0x6ed9eba1) | 0; a = (a << 30) | (a >>> 2);
  w6 ^= w3 ^ w14 ^ w8; w6 = (w6 << 1) | (w6 >>> 31); c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + w6 + 0x6ed9eba1) | 0; e = (e << 30) | (e >>> 2);
  w7 ^= w4 ^ w15 ^ w9; w7 = (w7 << 1) | (w7 >>> 31); b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + w7 + 0x6ed9eba1) | 0; d = (d << 30) | (d >>> 2);
  w8 ^= w5 ^ w0 ^ w10; w8 = (w8 << 1) | (w8 >>> 31); a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + w8 + 0x6ed9eba1) | 0; c = (c << 30) | (c >>> 2);
  w9 ^= w6 ^ w1 ^ w11; w9 = (w9 << 1) | (w9 >>> 31); e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + w9 + 0x6ed9eba1) | 0; b = (b << 30) | (b >>> 2);
  w10 ^= w7 ^ w2 ^ w12; w10 = (w10 << 1) | (w10 >>> 31); d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + w10 + 0x6ed9eba1) | 0; a = (a << 30) | (a >>> 2);
  w11 ^= w8 ^ w3 ^ w13; w11 = (w11 << 1) | (w11 >>> 31); c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + w11 + 0x6ed9eba1) | 0; e = (e << 30) | (e >>> 2);
  w12 ^= w9 ^ w4 ^ w14; w12 = (w12 << 1) | (w12 >>> 31); b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + w12 + 0x6ed9eba1) | 0; d = (d << 30) | (d >>> 2);
  w13 ^= w10 ^ w5 ^ w15; w13 = (w13 << 1) | (w13 >>> 31); a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + w13 + 0x6ed9eba1) | 0; c = (c << 30) | (c >>> 2);
  w14 ^= w11 ^ w6 ^ w0; w14 = (w14 << 1) | (w14 >>> 31); e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + w14 + 0x6ed9eba1) | 0; b = (b << 30) | (b >>> 2);
  w15 ^= w12 ^ w7 ^ w1; w15 = (w15 << 1) | (w15 >>> 31); d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + w15 + 0x6ed9eba1) | 0; a = (a << 30) | (a >>> 2);
  w0 ^= w13 ^ w8 ^ w2; w0 = (w0 << 1) | (w0 >>> 31); c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + w0 + 0x6ed9eba1) | 0; e = (e << 30) | (e >>> 2);
  w1 ^= w14 ^ w9 ^ w3; w1 = (w1 << 1) | (w1 >>> 31); b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + w1 + 0x6ed9eba1) | 0; d = (d << 30) | (d >>> 2);
  w2 ^= w15 ^ w10 ^ w4; w2 = (w2 << 1) | (w2 >>> 31); a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + w2 + 0x6ed9eba1) | 0; c = (c << 30) | (c >>> 2);
  w3 ^= w0 ^ w11 ^ w5; w3 = (w3 << 1) | (w3 >>> 31); e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + w3 + 0x6ed9eba1) | 0; b = (b << 30) | (b >>> 2);
  w4 ^= w1 ^ w12 ^ w6; w4 = (w4 << 1) | (w4 >>> 31); d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + w4 + 0x6ed9eba1) | 0; a = (a << 30) | (a >>> 2);
  w5 ^= w2 ^ w13 ^ w7; w5 = (w5 << 1) | (w5 >>> 31); c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + w5 + 0x6ed9eba1) | 0; e = (e << 30) | (e >>> 2);
  w6 ^= w3 ^ w14 ^ w8; w6 = (w6 << 1) | (w6 >>> 31); b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + w6 + 0x6ed9eba1) | 0; d = (d << 30) | (d >>> 2);
  w7 ^= w4 ^ w15 ^ w9; w7 = (w7 << 1) | (w7 >>> 31); a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + w7 + 0x6ed9eba1) | 0; c = (c << 30) | (c >>> 2);
  // rounds 40 to 59: majority
  w8 ^= w5 ^ w0 ^ w10; w8 = (w8 << 1) | (w8 >>> 31); e = (e + ((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + w8 - 0x70e44324) | 0; b = (b << 30) | (b >>> 2);
  w9 ^= w6 ^ w1 ^ w11; w9 = (w9 << 1) | (w9 >>> 31); d = (d + ((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + w9 - 0x70e44324) | 0; a = (a << 30) | (a >>> 2);
  w10 ^= w7 ^ w2 ^ w12; w10 = (w10 << 1) | (w10 >>> 31); c = (c + ((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + w10 - 0x70e44324) | 0; e = (e << 30) | (e >>> 2);
  w11 ^= w8 ^ w3 ^ w13; w11 = (w11 << 1) | (w11 >>> 31); b = (b + ((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + w11 - 0x70e44324) | 0; d = (d << 30) | (d >>> 2);
  w12 ^= w9 ^ w4 ^ w14; w12 = (w12 << 1) | (w12 >>> 31); a = (a + ((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + w12 - 0x70e44324) | 0; c = (c << 30) | (c >>> 2);
  w13 ^= w10 ^ w5 ^ w15; w13 = (w13 << 1) | (w13 >>> 31); e = (e + ((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + w13 - 0x70e44324) | 0; b = (b << 30) | (b >>> 2);
  w14 ^= w11 ^ w6 ^ w0; w14 = (w14 << 1) | (w14 >>> 31); d = (d + ((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + w14 - 0x70e44324) | 0; a = (a << 30) | (a >>> 2);
  w15 ^= w12 ^ w7 ^ w1; w15 = (w15 << 1) | (w15 >>> 31); c = (c + ((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + w15 - 0x70e44324) | 0; e = (e << 30) | (e >>> 2);
  w0 ^= w13 ^ w8 ^ w2; w0 = (w0 << 1) | (w0 >>> 31); b = (b + ((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + w0 - 0x70e44324) | 0; d = (d << 30) | (d >>> 2);
  w1 ^= w14 ^ w9 ^ w3; w1 = (w1 << 1) | (w1 >>> 31); a = (a + ((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + w1 - 0x70e44324) | 0; c = (c << 30) | (c >>> 2);
  w2 ^= w15 ^ w10 ^ w4; w2 = (w2 << 1) | (w2 >>> 31); e = (e + ((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + w2 - 0x70e44324) | 0; b = (b << 30) | (b >>> 2);
  w3 ^= w0 ^ w11 ^ w5; w3 = (w3 << 1) | (w3 >>> 31); d = (d + ((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + w3 - 0x70e44324) | 0; a = (a << 30) | (a >>> 2);
  w4 ^= w1 ^ w12 ^ w6; w4 = (w4 << 1) | (w4 >>> 31); c = (c + ((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + w4 - 0x70e44324) | 0; e = (e << 30) | (e >>> 2);
  w5 ^= w2 ^ w13 ^ w7; w5 = (w5 << 1) | (w5 >>> 31); b = (b + ((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + w5 - 0x70e44324) | 0; d = (d << 30) | (d >>> 2);
  w6 ^= w3 ^ w14 ^ w8; w6 = (w6 << 1) | (w6 >>> 31); a = (a + ((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + w6 - 0x70e44324) | 0; c = (c << 30) | (c >>> 2);
  w7 ^= w4 ^ w15 ^ w9; w7 = (w7 << 1) | (w7 >>> 31); e = (e + ((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + w7 - 0x70e44324) | 0; b = (b << 30) | (b >>> 2);
  w8 ^= w5 ^ w0 ^ w10; w8 = (w8 << 1) | (w8 >>> 31); d = (d + ((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + w8 - 0x70e44324) | 0; a = (a << 30) | (a >>> 2);
  w9 ^= w6 ^ w1 ^ w11; w9 = (w9 << 1) | (w9 >>> 31); c = (c + ((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + w9 - 0x70e44324) | 0; e = (e << 30) | (e >>> 2);
  w10 ^= w7 ^ w2 ^ w12; w10 = (w10 << 1) | (w10 >>> 31); b = (b + ((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + w10 - 0x70e44324) | 0; d = (d << 30) | (d >>> 2);
  w11 ^= w8 ^ w3 ^ w13; w11 = (w11 << 1) | (w11 >>> 31); a = (a + ((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + w11 - 0x70e44324) | 0; c = (c << 30) | (c >>> 2);
  // rounds 60 to 79: parity
  w12 ^= w9 ^ w4 ^ w14; w12 = (w12 << 1) | (w12 >>> 31); e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + w12 - 0x359d3e2a) | 0; b = (b << 30) | (b >>> 2);
  w13 ^= w10 ^ w5 ^ w15; w13 = (w13 << 1) | (w13 >>> 31); d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + w13 - 0x359d3e2a) | 0; a = (a << 30) | (a >>> 2);
  w14 ^= w11 ^ w6 ^ w0; w14 = (w14 << 1) | (w14 >>> 31); c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + w14 - 0x359d3e2a) | 0; e = (e << 30) | (e >>> 2);
  w15 ^= w12 ^ w7 ^ w1; w15 = (w15 << 1) | (w15 >>> 31); b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + w15 - 0x359d3e2a) | 0; d = (d << 30) | (d >>> 2);
  w0 ^= w13 ^ w8 ^ w2; w0 = (w0 << 1) | (w0 >>> 31); a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + w0 - 0x359d3e2a) | 0; c = (c << 30) | (c >>> 2);
  w1 ^= w14 ^ w9 ^ w3; w1 = (w1 << 1) | (w1 >>> 31); e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + w1 - 0x359d3e2a) | 0; b = (b << 30) | (b >>> 2);
  w2 ^= w15 ^ w10 ^ w4; w2 = (w2 << 1) | (w2 >>> 31); d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + w2 - 0x359d3e2a) | 0; a = (a << 30) | (a >>> 2);
  w3 ^= w0 ^ w11 ^ w5; w3 = (w3 << 1) | (w3 >>> 31); c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + w3 - 0x359d3e2a) | 0; e = (e << 30) | (e >>> 2);
  w4 ^= w1 ^ w12 ^ w6; w4 = (w4 << 1) | (w4 >>> 31); b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + w4 - 0x359d3e2a) | 0; d = (d << 30) | (d >>> 2);
  w5 ^= w2 ^ w13 ^ w7; w5 = (w5 << 1) | (w5 >>> 31); a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + w5 - 0x359d3e2a) | 0; c = (c << 30) | (c >>> 2);
  w6 ^= w3 ^ w14 ^ w8; w6 = (w6 << 1) | (w6 >>> 31); e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + w6 - 0x359d3e2a) | 0; b = (b << 30) | (b >>> 2);
  w7 ^= w4 ^ w15 ^ w9; w7 = (w7 << 1) | (w7 >>> 31); d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + w7 - 0x359d3e2a) | 0; a = (a << 30) | (a >>> 2);
  w8 ^= w5 ^ w0 ^ w10; w8 = (w8 << 1) | (w8 >>> 31); c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + w8 - 0x359d3e2a) | 0; e = (e << 30) | (e >>> 2);
  w9 ^= w6 ^ w1 ^ w11; w9 = (w9 << 1) | (w9 >>> 31); b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + w9 - 0x359d3e2a) | 0; d = (d << 30) | (d >>> 2);
  w10 ^= w7 ^ w2 ^ w12; w10 = (w10 << 1) | (w10 >>> 31); a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + w10 - 0x359d3e2a) | 0; c = (c << 30) | (c >>> 2);
  w11 ^= w8 ^ w3 ^ w13; w11 = (w11 << 1) | (w11 >>> 31); e = (e + ((a << 5) | (a >>> 27)) + (b ^ c ^ d) + w11 - 0x359d3e2a) | 0; b = (b << 30) | (b >>> 2);
  w12 ^= w9 ^ w4 ^ w14; w12 = (w12 << 1) | (w12 >>> 31); d = (d + ((e << 5) | (e >>> 27)) + (a ^ b ^ c) + w12 - 0x359d3e2a) | 0; a = (a << 30) | (a >>> 2);
  w13 ^= w10 ^ w5 ^ w15; w13 = (w13 << 1) | (w13 >>> 31); c = (c + ((d << 5) | (d >>> 27)) + (e ^ a ^ b) + w13 - 0x359d3e2a) | 0; e = (e << 30) | (e >>> 2);
  w14 ^= w11 ^ w6 ^ w0; w14 = (w14 << 1) | (w14 >>> 31); b = (b + ((c << 5) | (c >>> 27)) + (d ^ e ^ a) + w14 - 0x359d3e2a) | 0; d = (d << 30) | (d >>> 2);
  w15 ^= w12 ^ w7 ^ w1; w15 = (w15 << 1) | (w15 >>> 31); a = (a + ((b << 5) | (b >>> 27)) + (c ^ d ^ e) + w15 - 0x359d3e2a) | 0; c = (c << 30) | (c >>> 2);
  state[0] = (state[0] as number) + a; state[1] = (state[1] as number) + b; state[2] = (state[2] as number) + c;
  state[3] = (state[3] as number) + d; state[4] = (state[4] as number) + e;
}
