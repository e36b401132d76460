/** Of the first message, which has no type: the special codes ask for TLS or GSS, or cancel. */
const startupHeader = 8;
const tlsRequest = 80_877_103;
const specialCodes = new Set([tlsRequest, 80_877_104, 80_877_102]);

/** Cuts what a client sends into messages of PostgreSQL's protocol (version 3, no TLS). */
export class FrontendReader {
  readonly #onMessage: (type: string, bytes: number) => void;
  #rest: Buffer = Buffer.alloc(0);
  #started = false;

  /**
   * @param onMessage told of each message with its type letter and whole length; of the start-up only when it asks for
   *   TLS, as `ssl`
   */
  constructor(onMessage: (type: string, bytes: number) => void) {
    this.#onMessage = onMessage;
  }

  read(chunk: Buffer): void {
    let buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const length = this.#messageLength(buffer);
      if (length === null || buffer.length < length) break;
      if (this.#started) this.#onMessage(String.fromCharCode(buffer[0] ?? 0), length);
      else {
        const code = buffer.readInt32BE(4);
        if (code === tlsRequest) this.#onMessage('ssl', length);
        this.#started = !specialCodes.has(code);
      }
      buffer = buffer.subarray(length);
    }
    this.#rest = buffer;
  }

  #messageLength(buffer: Buffer): number | null {
    if (!this.#started) return buffer.length < startupHeader ? null : buffer.readInt32BE(0);
    return buffer.length < 5 ? null : buffer.readInt32BE(1) + 1;
  }
}
