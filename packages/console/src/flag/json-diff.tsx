import { diffLines } from 'diff';
import { useMemo } from 'react';

interface JsonDiffProps {
  readonly before: unknown;
  readonly after: unknown;
}

/** What differs between two documents, line by line; equal parts are cut short. */
export function JsonDiff({ before, after }: JsonDiffProps) {
  const parts = useMemo(() => diffLines(sorted(before), sorted(after)), [before, after]);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long line scrolls, and has to be reached by keyboard
    <pre className="diff" tabIndex={0} aria-label="Difference as JSON">
      {parts.map((part, at) => {
        const lines = part.value.replace(/\n$/, '').split('\n');
        const look = part.added ? 'added' : part.removed ? 'removed' : 'equal';
        const sign = part.added ? '+ ' : part.removed ? '- ' : '  ';
        const shown = look === 'equal' ? cut(lines, at === 0, at === parts.length - 1) : lines;
        return (
          // The parts of one comparison never move.
          <span key={at} className={look}>
            {shown.map((line) => `${line === null ? '  ⋮' : sign + line}\n`).join('')}
          </span>
        );
      })}
    </pre>
  );
}

const around = 3;

/** Of many equal lines those beside a change. */
function cut(lines: readonly string[], isFirst: boolean, isLast: boolean): readonly (string | null)[] {
  const head = isFirst ? 0 : around;
  const tail = isLast ? 0 : around;
  return lines.length <= head + tail + 1 ? lines : [...lines.slice(0, head), null, ...lines.slice(lines.length - tail)];
}

/** JSON with members in one order, so that only what means something differs. */
function sorted(value: unknown): string {
  return `${JSON.stringify(
    value,
    (_, member: unknown) =>
      typeof member === 'object' && member !== null && !Array.isArray(member)
        ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
        : member,
    2,
  )}\n`;
}
