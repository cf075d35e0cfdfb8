/** Memory is planned before it is taken, is linear in the prompt's length, and stays below the plan. */
import { describe, expect, it } from 'vitest';
import { SyntheticStore } from '../../golden/synthetic.js';
import { parseConfig } from '../../src/model/config.js';
import { forwardBytes } from '../../src/model/memory-plan.js';
import { Qwen3 } from '../../src/model/qwen3.js';
import { Reranker } from '../../src/reranker/reranker.js';
import { TESTED_DEVICES } from '../support/devices.js';
import { TINY_CONFIG, tinyCheckpoint } from '../support/tiny-checkpoint.js';

const NARROW = parseConfig({ ...TINY_CONFIG, num_attention_heads: 1, vocab_size: 64 });

describe.each(TESTED_DEVICES.filter(({ name }) => !/plain|calling|1 thread/.test(name)))(
  'on $name',
  ({ open }) => {
    it('a forward run holds what was planned, and kernels hold no more for more tokens', async () => {
      const device = await open();
      const model = await Qwen3.load(device, new SyntheticStore(), NARROW, 'f32');
      const kernelBytes: number[] = [];
      for (const tokens of [500, 1000]) {
        const idle = device.bytes;
        let peak = 0;
        const onProgress = () => {
          peak = Math.max(peak, device.bytes - idle);
        };
        const ids = Array.from({ length: tokens }, (_, i) => i % 64);
        await model.forward(ids, [tokens - 1], { onProgress });
        const planned = forwardBytes(device, NARROW, tokens, 1);
        kernelBytes.push(peak - planned);
        expect(peak).toBeGreaterThan(0.99 * planned);
        expect(device.bytes - idle).toBeLessThan(8e6);
      }
      expect(kernelBytes[0]).toBeLessThan(8e6);
      expect(kernelBytes[1]).toBeLessThan(2e6); // what kernels need is there already
      await device.dispose();
    });
  },
);

describe('64 documents of 2,000 tokens', () => {
  const documents = Array<string>(64).fill('a '.repeat(2100));
  const longContext = async () => {
    const checkpoint = await tinyCheckpoint({
      config: { ...TINY_CONFIG, max_position_embeddings: 131_072 },
    });
    return { ...checkpoint, tokenizerConfig: { ...checkpoint.tokenizerConfig, model_max_length: 131_072 } };
  };

  it('are planned as one block, in memory that grows with their number', async () => {
    await using reranker = await Reranker.load(await longContext(), { device: 'wasm', threads: 1 });
    const plan = reranker.plan('a query', documents, { maxDocumentLength: 2000 });
    expect(plan.blocks).toHaveLength(1);
    const { documents: count, tokens } = plan.blocks[0]!;
    expect(count).toBe(64);
    expect(tokens).toBeGreaterThan(64 * 2000);
    expect(tokens).toBeLessThanOrEqual(131_072);
    const half = reranker.plan('a query', documents.slice(32), { maxDocumentLength: 2000 });
    expect(plan.bytes / half.bytes).toBeGreaterThan(1.9);
    expect(plan.bytes / half.bytes).toBeLessThan(2.1);
    expect(reranker.plan('a query', [])).toEqual({ blocks: [], bytes: 0 });

    // Looked into at the markers they take less than a megabyte in the trace, and on the device some portions of weights.
    const inside = reranker.planInspection('a query', documents, {
      ...{ maxDocumentLength: 2000, hidden: {}, blocks: true, lens: true },
    });
    expect(inside.tokens).toBe(tokens);
    expect(inside.traceBytes).toBeLessThan(1e6);
    expect(inside.deviceBytes).toBeLessThan(plan.bytes + 4e8);
  });
});
