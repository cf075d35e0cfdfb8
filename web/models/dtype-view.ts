/** In which dtype a model is to rest: what each takes here, and which is proposed. */

import { WEIGHT_DTYPES, type WeightDtype } from '../../src/device/dtype.js';
import { modelBytes } from '../../src/model/model-bytes.js';
import { t } from '../languages/language.js';
import { byId } from '../page-elements.js';
import { advise, type Machine, tooLarge } from './machine.js';
import { bytesInWords } from './sizes.js';

const fieldset = byId('model-dtypes', HTMLFieldSetElement);
const cards = fieldset.querySelector('div')!;
const reason = byId('model-reason', HTMLParagraphElement);

/** Throws a ListwiseError for a config.json of what this runtime does not compute. */
export function showDtypes(
  config: Readonly<Record<string, unknown>> | undefined,
  machine: Machine,
  chosen: WeightDtype | undefined,
): void {
  const bytesIn = (dtype: WeightDtype) => (config ? modelBytes(config, dtype) : 0);
  // Of a GGUF file the sizes are not known before it is read.
  const advice = config ? advise(machine, bytesIn) : { dtype: 'q8' as const, reason: '' };
  const large = tooLarge(machine, bytesIn);
  cards.replaceChildren(
    ...WEIGHT_DTYPES.map((dtype) => {
      const radio = Object.assign(document.createElement('input'), {
        ...{ type: 'radio', name: 'dtype', value: dtype },
        checked: dtype === (chosen ?? advice.dtype),
      });
      const size = config ? bytesInWords(bytesIn(dtype)) : '';
      const remark = large.includes(dtype)
        ? t().modelMayNotFit
        : dtype === advice.dtype
          ? t().modelProposed
          : '';
      return label(radio, [dtype, size, remark]);
    }),
  );
  reason.textContent = advice.reason;
}

export function chosenDtype(): WeightDtype {
  return cards.querySelector<HTMLInputElement>('input:checked')!.value as WeightDtype;
}

export function onDtype(listener: () => void): void {
  cards.addEventListener('change', listener);
}

function label(radio: HTMLInputElement, words: readonly string[]): HTMLLabelElement {
  const element = document.createElement('label');
  const [name, size, remark] = words.map((textContent, i) =>
    Object.assign(document.createElement(i === 0 ? 'strong' : 'small'), { textContent }),
  );
  element.append(radio, name!, size!, remark!);
  return element;
}
