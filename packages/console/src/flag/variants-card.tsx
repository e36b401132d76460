import { useState } from 'react';
import { Button, TextField } from '../design/controls.tsx';
import { Dialog } from '../design/dialog.tsx';
import {
  conditionsOf,
  equalShares,
  payloadOf,
  shareSum,
  variantsOf,
  withFirstVariants,
  withoutVariant,
  withRenamedVariant,
  withVariants,
} from './edit.ts';
import { useEdit } from './edit-context.ts';
import type { FlagFields } from './flag.ts';
import { PayloadField } from './payload-field.tsx';
import { percentOf, percentWords } from './percent.ts';
import { textAt } from './places.ts';
import { SegmentsBar } from './segments-bar.tsx';
import { ShareField } from './share-field.tsx';

interface VariantsCardProps {
  readonly fields: FlagFields;
  readonly onChange: (fields: FlagFields) => void;
}

/** Who gets which, among those let in (K35); of a flag without variants its one payload (K36). */
export function VariantsCard({ fields, onChange }: VariantsCardProps) {
  const { problems } = useEdit();
  const [goes, setGoes] = useState<number | null>(null);
  const variants = variantsOf(fields);
  const problem = textAt(problems, 'multivariate', 'multivariate.variants[');
  if (variants.length === 0) {
    return (
      <section className="card stack" aria-label="Value" data-place="multivariate">
        <div className="row spread wrap">
          <h2>What it says</h2>
          <Button look="plain" onPress={() => onChange(withFirstVariants(fields))}>
            Use variants
          </Button>
        </div>
        <p className="quiet">On or off.</p>
        <PayloadField label="Payload while on" fields={fields} name="true" onChange={onChange} />
        {problem !== null && <p className="error">{problem}</p>}
      </section>
    );
  }
  const sum = shareSum(variants);
  const isWhole = Math.abs(sum - 100) <= 0.01;
  const conditions = conditionsOf(fields);
  const pinned = conditions.filter(({ variant }) => variant !== null && variant !== undefined && variant !== '').length;
  const isOverruled = pinned > 0 && pinned === conditions.length;
  const remove = (at: number): void => {
    // Of the last one the payload stays (K36); of another it would be gone.
    const isLost = payloadOf(fields, variants[at]?.key ?? '') !== '' && variants.length > 1;
    if (isLost) setGoes(at);
    else onChange(withoutVariant(fields, at));
  };
  const change = (at: number, changes: object): void =>
    onChange(
      withVariants(
        fields,
        variants.map((one, i) => (i === at ? { ...one, ...changes } : one)),
      ),
    );
  return (
    <section className="card stack" aria-label="Variants" data-place="multivariate">
      <div className="row spread wrap">
        <h2>Who gets which, among those let in</h2>
        <Button look="plain" onPress={() => onChange(withVariants(fields, equalShares(variants)))}>
          Share equally
        </Button>
      </div>
      <SegmentsBar
        variants={variants}
        onChange={(next) => onChange(withVariants(fields, next))}
        isOverruled={isOverruled}
      />
      {pinned > 0 && (
        <p className="notice warn">
          {isOverruled
            ? 'Every condition names its variant: these shares decide for nobody.'
            : `${pinned} ${pinned === 1 ? 'condition names its' : 'conditions name their'} variant; these shares decide for the others.`}
        </p>
      )}
      {variants.map((variant, at) => {
        const wrong = textAt(problems, `multivariate.variants[${at}]`);
        return (
          <div
            // A variant's key is being typed; where it stands is who it is.
            key={at}
            className="variant stack tight"
            role="group"
            aria-label={`Variant ${at + 1}`}
            data-place={`multivariate.variants[${at}]`}
          >
            <div className="row wrap">
              <TextField
                label="Key"
                value={variant.key}
                onChange={(key) => onChange(withRenamedVariant(fields, at, key))}
                mono
              />
              <TextField label="Name (optional)" value={variant.name ?? ''} onChange={(name) => change(at, { name })} />
              <ShareField
                label={`Share of ${variant.key === '' ? `variant ${at + 1}` : variant.key}`}
                value={percentOf(variant.rollout_percentage)}
                onChange={(share) => change(at, { rollout_percentage: share })}
              />
              <Button look="plain" aria-label={`Remove variant ${variant.key}`} onPress={() => remove(at)}>
                Remove
              </Button>
            </div>
            <PayloadField label={`Payload of ${variant.key}`} fields={fields} name={variant.key} onChange={onChange} />
            {wrong !== null && <p className="error">{wrong}</p>}
          </div>
        );
      })}
      {problem !== null && <p className="error">{problem}</p>}
      <div className="row spread wrap">
        <Button
          look="plain"
          onPress={() =>
            onChange(withVariants(fields, [...variants, { key: freeKey(fields), name: '', rollout_percentage: 0 }]))
          }
        >
          + Variant
        </Button>
        <p role="status" className={isWhole ? 'quiet' : 'error'}>
          {isWhole
            ? 'Together 100 %'
            : `Together ${percentWords(sum)}: ${sum < 100 ? `${percentWords(100 - sum)} are missing` : `${percentWords(sum - 100)} too many`}`}
        </p>
      </div>
      <Dialog
        title={
          <>
            Remove <code>{variants[goes ?? 0]?.key}</code> and its payload?
          </>
        }
        isOpen={goes !== null}
        onClose={() => setGoes(null)}
        footer={
          <>
            <Button onPress={() => setGoes(null)}>Keep it</Button>
            <Button
              look="danger"
              onPress={() => {
                onChange(withoutVariant(fields, goes ?? 0));
                setGoes(null);
              }}
            >
              Remove both
            </Button>
          </>
        }
      >
        <p>The payload goes with the variant:</p>
        <pre className="code">{payloadOf(fields, variants[goes ?? 0]?.key ?? '')}</pre>
      </Dialog>
    </section>
  );
}

function freeKey(fields: FlagFields): string {
  const taken = new Set(variantsOf(fields).map(({ key }) => key));
  for (let n = 1; ; n++) if (!taken.has(`variant-${n}`)) return `variant-${n}`;
}
