import { expect, test } from 'vitest';
import { nameOf } from '../../../src/device/webgpu/adapter.js';

const NOTHING = { device: '', vendor: '', architecture: '', description: '' };

test.each([
  ['as Dawn tells it in Node', { device: 'nvidia-geforce-rtx-4090' }, 'nvidia-geforce-rtx-4090'],
  ['as browsers do', { vendor: 'nvidia', architecture: 'lovelace' }, 'nvidia lovelace'],
  ['as Deno does', { vendor: '65541', device: '0', description: 'llvmpipe' }, 'llvmpipe'],
  ['where nothing is told', {}, 'unnamed adapter'],
])('an adapter has a name for people, %s', (_, info, name) => {
  expect(nameOf({ ...NOTHING, ...info })).toBe(name);
});
