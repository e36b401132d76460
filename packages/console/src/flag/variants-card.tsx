import { Button, TextField } from '../design/controls.tsx';
import { ShareField } from './condition-card.tsx';
import {
  conditionsOf,
  equalShares,
  jsonProblem,
  payloadOf,
  shareSum,
  variantsOf,
  withPayload,
  withRenamedVariant,
  withVariants,
} from './edit.ts';
import type { FlagFields } from './flag.ts';

interface VariantsCardProps {
  readonly fields: FlagFields;
  readonly onChange: (fields: FlagFields) => void;
}

/** Who gets which, among those let in (K35); of a flag without variants its one payload (K36). */
export function VariantsCard({ fields, onChange }: VariantsCardProps) {
  const variants = variantsOf(fields);
  if (variants.length === 0) {
    return (
      <section className="card stack" aria-label="Value">
        <div className="row spread wrap">
          <h2>What it says</h2>
          <Button look="plain" onPress={() => onChange(firstVariants(fields))}>
            Use variants
          </Button>
        </div>
        <p className="quiet">On or off.</p>
        <PayloadField label="Payload while on (JSON, optional)" fields={fields} name="true" onChange={onChange} />
      </section>
    );
  }
  const sum = shareSum(variants);
  const pinned = conditionsOf(fields).filter(
    ({ variant }) => variant !== null && variant !== undefined && variant !== '',
  ).length;
  return (
    <section className="card stack" aria-label="Variants">
      <div className="row spread wrap">
        <h2>Who gets which, among those let in</h2>
        <Button look="plain" onPress={() => onChange(withVariants(fields, equalShares(variants)))}>
          Share equally
        </Button>
      </div>
      <div
        className="bar"
        role="img"
        aria-label={variants.map(({ key, rollout_percentage: share }) => `${key} ${share} %`).join(', ')}
      >
        {variants.map(({ key, rollout_percentage: share }, at) => (
          <div key={`${at} ${key}`} className={`segment s${at % 6}`} style={{ flexGrow: Math.max(0, share) }}>
            {share >= 12 ? key : ''}
          </div>
        ))}
      </div>
      {pinned > 0 && (
        <p className="notice warn">
          {pinned === conditionsOf(fields).length
            ? 'Every condition names its variant: these shares decide for nobody.'
            : `${pinned} ${pinned === 1 ? 'condition names its' : 'conditions name their'} variant; these shares decide for the others.`}
        </p>
      )}
      {variants.map((variant, at) => (
        // A variant's key is being typed; where it stands is who it is.
        <div key={at} className="variant stack tight" role="group" aria-label={`Variant ${at + 1}`}>
          <div className="row wrap">
            <TextField
              label="Key"
              value={variant.key}
              onChange={(key) => onChange(withRenamedVariant(fields, at, key))}
              mono
            />
            <TextField
              label="Name (optional)"
              value={variant.name ?? ''}
              onChange={(name) =>
                onChange(
                  withVariants(
                    fields,
                    variants.map((one, i) => (i === at ? { ...one, name } : one)),
                  ),
                )
              }
            />
            <ShareField
              label={`Share of ${variant.key === '' ? `variant ${at + 1}` : variant.key}`}
              value={variant.rollout_percentage}
              onChange={(share) =>
                onChange(
                  withVariants(
                    fields,
                    variants.map((one, i) => (i === at ? { ...one, rollout_percentage: share } : one)),
                  ),
                )
              }
            />
            <Button
              look="plain"
              aria-label={`Remove variant ${variant.key}`}
              onPress={() => onChange(withoutVariant(fields, at))}
            >
              Remove
            </Button>
          </div>
          <PayloadField
            label={`Payload of ${variant.key} (JSON, optional)`}
            fields={fields}
            name={variant.key}
            onChange={onChange}
          />
        </div>
      ))}
      <div className="row spread wrap">
        <Button
          look="plain"
          onPress={() =>
            onChange(withVariants(fields, [...variants, { key: freeKey(fields), name: '', rollout_percentage: 0 }]))
          }
        >
          + Variant
        </Button>
        <p role="status" className={sum === 100 ? 'quiet' : 'error'}>
          {sum === 100
            ? 'Together 100 %'
            : `Together ${sum} %: ${sum < 100 ? `${round(100 - sum)} % are missing` : `${round(sum - 100)} % too many`}`}
        </p>
      </div>
    </section>
  );
}

const round = (value: number): number => Math.round(value * 100) / 100;

function freeKey(fields: FlagFields): string {
  const taken = new Set(variantsOf(fields).map(({ key }) => key));
  for (let n = 1; ; n++) if (!taken.has(`variant-${n}`)) return `variant-${n}`;
}

/** Payloads are moved, never dropped in silence (K36): what stood under `true` becomes that of the second variant. */
function firstVariants(fields: FlagFields): FlagFields {
  const payload = payloadOf(fields, 'true');
  const next = withVariants(fields, [
    { key: 'control', name: '', rollout_percentage: 50 },
    { key: 'test', name: '', rollout_percentage: 50 },
  ]);
  return payload === '' ? next : withPayload(withPayload(next, 'true', ''), 'test', payload);
}

/** Of the last variant that goes the payload stays, for the flag that is then on or off. */
function withoutVariant(fields: FlagFields, at: number): FlagFields {
  const variants = variantsOf(fields);
  const gone = variants[at];
  if (gone === undefined) return fields;
  const rest = variants.filter((_, i) => i !== at);
  const payload = payloadOf(fields, gone.key);
  const next = withPayload(withVariants(fields, rest), gone.key, '');
  const unpinned = {
    ...next,
    filters: {
      ...next.filters,
      groups: conditionsOf(next).map((group) => (group.variant === gone.key ? { ...group, variant: null } : group)),
    },
  };
  return rest.length === 0 && payload !== '' ? withPayload(unpinned, 'true', payload) : unpinned;
}

interface PayloadFieldProps extends VariantsCardProps {
  readonly label: string;
  readonly name: string;
}

function PayloadField({ label, fields, name, onChange }: PayloadFieldProps) {
  const text = payloadOf(fields, name);
  if (fields.has_encrypted_payloads === true) return <p className="quiet">The payload is encrypted, and not shown.</p>;
  return (
    <TextField
      label={label}
      lines={Math.min(12, Math.max(1, text.split('\n').length))}
      value={text}
      onChange={(next) => onChange(withPayload(fields, name, next))}
      error={jsonProblem(text)}
      mono
    />
  );
}
