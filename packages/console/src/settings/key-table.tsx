import { Button } from '../design/controls.tsx';
import { Moment } from '../design/moment.tsx';

/** A key as the API lists it (M149, M151); its value only when it is made or rolled. */
export interface Key {
  readonly id: string;
  readonly label: string;
  readonly value: string | null;
  readonly mask_value: string | null;
  readonly scopes: readonly string[];
  readonly created_at: string | null;
  readonly last_used_at: string | null;
}

interface KeyTableProps {
  readonly keys: readonly Key[];
  readonly onRoll: (key: Key) => void;
  readonly onDelete: (key: Key) => void;
}

/** Keys with what they may do and when they were last used. */
export function KeyTable({ keys, onRoll, onDelete }: KeyTableProps) {
  if (keys.length === 0) return <p className="quiet">No keys yet.</p>;
  return (
    <div className="table-frame">
      <table>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Scopes</th>
            <th scope="col">Last used</th>
            <th scope="col">Created</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <th scope="row" className="flag-name">
                {key.label}
                <div className="quiet small mono">{key.mask_value}</div>
              </th>
              <td data-label="Scopes" className="tags-cell">
                <div>
                  {key.scopes.length === 0 ? (
                    <span className="quiet">none</span>
                  ) : (
                    key.scopes.map((scope) => (
                      <span key={scope} className="tag">
                        {scope === '*' ? 'everything' : scope}
                      </span>
                    ))
                  )}
                </div>
              </td>
              <td data-label="Last used">
                <Moment time={key.last_used_at} />
              </td>
              <td data-label="Created">
                <Moment time={key.created_at} unknown />
              </td>
              <td>
                <div className="row tight actions">
                  <Button look="plain" aria-label={`Roll ${key.label}`} onPress={() => onRoll(key)}>
                    Roll …
                  </Button>
                  <Button look="plain" aria-label={`Revoke ${key.label}`} onPress={() => onDelete(key)}>
                    Revoke …
                  </Button>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
