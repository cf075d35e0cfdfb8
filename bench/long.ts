/**
 * npm run bench:long: long prompts on the CPU, run to their end: 131,072 tokens' worth of documents through a narrow
 * decoder, and 8,000 through the full shape of 28 layers. Prints what was planned and what was held.
 *
 * Each runs in a process of its own, `node build/long.js narrow`, so that peak memory is its own.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SyntheticStore } from '../golden/synthetic.js';
import type { Checkpoint } from '../src/checkpoint/checkpoint.js';
import { openModel } from '../src/checkpoint/open.js';
import type { WeightDtype } from '../src/device/dtype.js';
import { Reranker } from '../src/reranker/reranker.js';
import { syntheticCheckpoint } from './gpu/ranker.js';

interface Case {
  readonly what: string;
  readonly dtype: WeightDtype;
  readonly documents: number;
  readonly checkpoint: () => Promise<Checkpoint>;
}

/** Two layers, so that one attends with every row: the last one computes queries for the markers alone. */
class NarrowStore extends SyntheticStore {
  override shape(): readonly number[] {
    return [64, 64];
  }
}

const NARROW = {
  model_type: 'qwen3',
  hidden_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 32,
  intermediate_size: 64,
  rms_norm_eps: 1e-6,
  rope_theta: 1e6,
  max_position_embeddings: 131_072,
  vocab_size: 32_901,
};

const CASES: Readonly<Record<string, Case>> = {
  narrow: {
    what: '2 layers, hidden size 64, f32',
    dtype: 'f32',
    documents: 64,
    checkpoint: async () => ({ ...(await openModel()), config: NARROW, tensors: new NarrowStore() }),
  },
  full: {
    what: '28 layers, hidden size 1024, q8',
    dtype: 'q8',
    documents: 4,
    checkpoint: () => syntheticCheckpoint(28),
  },
};

const MIB = 2 ** 20;

/** Documents of 2,000 tokens, in a context of 131,072. */
async function run({ what, dtype, documents, checkpoint }: Case): Promise<void> {
  const opened = await checkpoint();
  const tokenizerConfig = { ...opened.tokenizerConfig, model_max_length: 131_072 };
  await using reranker = await Reranker.load({ ...opened, tokenizerConfig }, { device: 'wasm', dtype });
  const texts = Array.from({ length: documents }, (_, i) => `${i} `.repeat(2100));
  const options = { maxDocumentLength: 2000 };
  const idle = reranker.deviceBytes;
  const plan = reranker.plan('a query', texts, options);
  let held = 0;
  let shown = 0;
  const onProgress = ({ done, total }: { done: number; total: number }) => {
    held = Math.max(held, reranker.deviceBytes - idle);
    if (performance.now() - shown < 10_000) return;
    shown = performance.now();
    console.error(`  ${Math.floor((100 * done) / total)} %`);
  };
  const start = performance.now();
  const ranking = await reranker.rerank('a query', texts, { ...options, onProgress });
  const seconds = (performance.now() - start) / 1000;
  const facts = [
    what,
    `${ranking.tokens} tokens in ${plan.blocks.length} block`,
    `weights ${Math.round(idle / MIB)} MiB`,
    `planned ${Math.round(plan.bytes / MIB)} MiB beside them`,
    `held ${Math.round(held / MIB)} MiB`,
    `process at its peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`,
    `${seconds.toFixed(0)} s`,
    reranker.deviceDescription,
  ];
  console.log(facts.join(' · '));
}

const wanted = process.argv[2];
if (wanted === undefined) {
  for (const name of Object.keys(CASES)) {
    spawnSync(process.execPath, [fileURLToPath(import.meta.url), name], { stdio: 'inherit' });
  }
} else {
  await run(CASES[wanted]!);
}
