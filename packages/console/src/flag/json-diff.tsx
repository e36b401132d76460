import { diffLines } from 'diff';
import { isObject, type JsonValue } from '@halyard/json';
import { useMemo } from 'react';
import { readJson, writeJson } from '../api/exact-json.ts';

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
  return `${writeJson(inOrder(readJson(writeJson(value))), 2)}\n`;
}

function inOrder(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(inOrder);
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [name, inOrder(member)] as const);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}
