/** Where commands write what they found. */
export interface Output {
  /** Writes to standard output. */
  print(text: string): void;
}

/** What commands do with the world besides their work. */
export interface Io extends Output {
  /** Somebody watches: say what takes time, greet. */
  readonly interactive: boolean;
  /** How the command line is called here, for hints: `halyard`, or `npm run halyard --` inside a clone. */
  readonly command: string;
  /** Path of the script that this process runs, and further ones of its kind. */
  readonly script: string;
  /** Resolves when the process is asked to stop. */
  stopRequest(): Promise<string>;
  /** From now on calls `heard` for each SIGHUP that is no request to stop. */
  onHangup(heard: () => void): void;
}
