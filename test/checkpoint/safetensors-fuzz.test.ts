import { expect, it } from 'vitest';
import { openSafetensors, readSafetensorsHeader } from '../../src/checkpoint/safetensors.js';
import { ListwiseError } from '../../src/error.js';
import type { ByteSource } from '../../src/platform/byte-source.js';
import { type Random, random } from '../support/random.js';
import { bf16, f32, withHeader, writeSafetensors } from '../support/safetensors-writer.js';

const MUTATIONS = 10_000;

const WHOLE = writeSafetensors({
  'model.embed_tokens.weight': bf16([4, 8], Array(32).fill(0.5)),
  'model.norm.weight': f32([8], Array(8).fill(1)),
  half: { dtype: 'F16', shape: [2, 3], bytes: new Uint8Array(12) },
  ids: { dtype: 'I64', shape: [2], bytes: new Uint8Array(16) },
  empty: f32([0, 8], []),
});
const HEADER_LENGTH = Number(new DataView(WHOLE.buffer).getBigUint64(0, true));
const HEADER = new TextDecoder().decode(WHOLE.subarray(8, 8 + HEADER_LENGTH));
const DATA = WHOLE.subarray(8 + HEADER_LENGTH);

const LENGTHS = [
  0n,
  1n,
  7n,
  BigInt(WHOLE.length - 8),
  BigInt(WHOLE.length - 7),
  100_000_000n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const VALUES = [
  -1,
  -0,
  0.5,
  1,
  3,
  8,
  64,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  1e308,
  '8',
  '',
  null,
  true,
  [],
  [0],
  [8, 0],
  [[4]],
  {},
  'F32',
  'F16',
  'BF16',
  'I64',
  'bf16',
];
const TEXTS = [
  '[[[[',
  '{"',
  '}',
  ',',
  '1e999',
  '-',
  '\\ud800',
  '"shape":[99999999999,99999999999],',
  '"data_offsets":[0,0],',
  '\u0000',
  'NaN',
];

/** Changes one thing about the file; every kind of change comes about as often. */
function mutate(bytes: Uint8Array, { below, pick }: Random): Uint8Array {
  const mutated = bytes.slice();
  switch (below(7)) {
    case 0: // a byte of length or header
      mutated[below(Math.min(8 + HEADER_LENGTH, mutated.length))] = below(256);
      return mutated;
    case 1: // the header's length
      if (mutated.length >= 8) new DataView(mutated.buffer).setBigUint64(0, pick(LENGTHS), true);
      return mutated;
    case 2: // the file's length
      return below(2) === 0
        ? mutated.subarray(0, below(mutated.length))
        : withHeader(HEADER, DATA, new Uint8Array(1 + below(9)));
    case 3: {
      // a stretch of the header's text
      const at = below(HEADER.length);
      return withHeader(
        HEADER.slice(0, at) + pick(TEXTS).repeat(1 + below(50)) + HEADER.slice(at + below(20)),
        DATA,
      );
    }
    case 4: {
      // a number in the header
      let left = below(17);
      return withHeader(
        HEADER.replace(/\d+(?=[,\]])/g, (number) => (left-- === 0 ? JSON.stringify(pick(VALUES)) : number)),
        DATA,
      );
    }
    default: {
      // a field of a tensor, or the tensor
      const header = JSON.parse(HEADER) as Record<string, Record<string, unknown>>;
      const name = pick(Object.keys(header));
      const field = pick(['dtype', 'shape', 'data_offsets', '']);
      if (field !== '') header[name]![field] = below(2) === 0 ? pick(VALUES) : [pick(VALUES), pick(VALUES)];
      else if (below(2) === 0) delete header[name];
      else header[`${name}.again`] = header[name]!;
      return withHeader(JSON.stringify(header), DATA);
    }
  }
}

/** Memory that insists on the contract: whoever reads outside it, or more than it has, is at fault. */
function strictSource(bytes: Uint8Array): ByteSource {
  return {
    name: 'fuzzed.safetensors',
    size: bytes.length,
    async read(offset, into) {
      const inside = Number.isSafeInteger(offset) && offset >= 0 && offset + into.length <= bytes.length;
      if (!inside) throw new RangeError(`${into.length} bytes from ${offset} on, of ${bytes.length}`);
      into.set(bytes.subarray(offset, offset + into.length));
    },
    close: async () => {},
  };
}

/** True for a valid parse, false for a ListwiseError; anything else throws. */
async function survives(bytes: Uint8Array): Promise<boolean> {
  const source = strictSource(bytes);
  try {
    const tensors = await readSafetensorsHeader(source);
    const store = await openSafetensors([source]);
    for (const [name, entry] of tensors) {
      if ('unreadableDtype' in entry) continue;
      const { dtype, shape, offset } = entry;
      const count = shape.reduce((product, n) => product * n, 1);
      expect(offset).toBeGreaterThanOrEqual(8);
      expect(offset + count * dtype.blockBytes).toBeLessThanOrEqual(bytes.length);
      if (shape.length === 2)
        await store.matrix(name, shape[0]!, shape[1]!).read(0, shape[0]!, new Float32Array(count));
    }
    return true;
  } catch (error) {
    if (error instanceof ListwiseError && error.code === 'checkpoint-corrupt') return false;
    throw error;
  }
}

it(`${MUTATIONS} mutated files are each read inside their bounds or refused`, async () => {
  const source = random(20260101);
  let valid = 0;
  for (let i = 0; i < MUTATIONS; i++) {
    let bytes = WHOLE;
    for (let changes = 1 + source.below(3); changes > 0; changes--) bytes = mutate(bytes, source);
    if (await survives(bytes)) valid++;
  }
  // Both outcomes must be common, or this proves little.
  expect(valid).toBeGreaterThan(MUTATIONS / 50);
  expect(valid).toBeLessThan(MUTATIONS / 2);
});
