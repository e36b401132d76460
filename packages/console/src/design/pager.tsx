import { Button } from './controls.tsx';

interface PagerProps {
  readonly count: number;
  readonly size: number;
  /** From 1. */
  readonly page: number;
  readonly onChange: (page: number) => void;
}

const number = new Intl.NumberFormat('en');

/** Which part of a long list is shown, and the ways to the others; nothing where all of it is. */
export function Pager({ count, size, page, onChange }: PagerProps) {
  if (count <= size && page === 1) return null;
  const last = Math.max(1, Math.ceil(count / size));
  return (
    <nav aria-label="Pages" className="row">
      <Button onPress={() => onChange(page - 1)} isDisabled={page <= 1}>
        Previous
      </Button>
      <span className="quiet">
        {page > last
          ? `Page ${page} of ${last}`
          : `${number.format((page - 1) * size + 1)} to ${number.format(Math.min(count, page * size))} of ${number.format(count)}`}
      </span>
      <Button onPress={() => onChange(page + 1)} isDisabled={page >= last}>
        Next
      </Button>
    </nav>
  );
}
