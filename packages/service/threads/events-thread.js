import { parentPort, workerData } from 'node:worker_threads';

/*
 * The thread that reads large requests with events (src/events/reading-thread.ts), so that nobody waits for it. Plain JavaScript, because a
 * thread begins with a file; what it runs is what the compiler made of src/events/.
 */

const { reader, writer, settings } = /** @type {import('../src/events/reading-thread.ts').ReadingThreadData} */ (
  workerData
);
const { readEvents } = /** @type {typeof import('../src/events/read-events.ts')} */ (await import(reader));
const { operationsText } = /** @type {typeof import('../src/events/operation-text.ts')} */ (await import(writer));

/** Operations that are handed over at once: whoever takes them has other things to do. */
const PIECE = 100;
const PIECE_CHARACTERS = 256 * 1024;

/**
 * Texts of some operations each, as many together as fit.
 *
 * @param {readonly import('@halyard/people').Operation[]} operations
 */
function* texts(operations) {
  for (let start = 0; start < operations.length; start += PIECE) {
    const piece = operations.slice(start, start + PIECE);
    const text = operationsText(piece);
    if (text.length <= PIECE_CHARACTERS || piece.length === 1) yield text;
    else for (const operation of piece) yield operationsText([operation]);
  }
}

/** @type {Generator<string, void> | undefined} */
let rest;

parentPort?.on('message', (/** @type {import('../src/events/reading-thread.ts').ToReadingThread} */ message) => {
  if (message.kind === 'read') {
    const read = readEvents(message.request, settings);
    if (read === 'large' || 'status' in read) {
      tell({
        kind: 'refused',
        status: read === 'large' ? 413 : read.status,
        message: read === 'large' ? '' : read.message,
      });
      return;
    }
    const { operations, ...others } = read;
    rest = texts(operations);
    tell({ kind: 'read', read: others });
  } else {
    const next = rest?.next();
    tell({ kind: 'operations', text: next === undefined || next.done === true ? null : next.value });
  }
});

/** @param {import('../src/events/reading-thread.ts').FromReadingThread} said */
function tell(said) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(said);
}
