/** Why a whole request is not taken (I51, I42): a status that SDKs understand, and a sentence for whoever reads it. */
export class Refusal {
  readonly status: 400 | 401 | 413 | 415;
  readonly message: string;

  constructor(status: Refusal['status'], message: string) {
    this.status = status;
    this.message = message;
  }
}
