/** What a model must score: PyTorch's values for the embedded model, the published ones for jina-reranker-v3. */
import type { WeightDtype } from '../device/dtype.js';
import type { Qwen3Config } from '../model/config.js';

/** A query and its documents; without `scores` those of the first device stand for them. */
export interface VerifiedList {
  readonly query: string;
  readonly documents: readonly string[];
  readonly scores?: readonly number[]; // in the order of the documents
}

export interface Expected {
  /** Whose scores: PyTorch's, those on the model's page, or this machine's own in f32. */
  readonly source: 'golden' | 'published' | 'agreement';
  /** The same for people, a sentence. */
  readonly description: string;
  readonly lists: readonly VerifiedList[];
  /** How far a score may be off; documents that are closer than that may change places. */
  readonly allowed: Readonly<Record<WeightDtype, number>>;
}

/** Short lists, one of them of odd characters: seconds on the slowest device. */
const GOLDEN_LISTS: readonly string[] = ['photo-editor', 'odd-text', 'scientific-plots'];

/** For four layers that are stored in 8 bits. Largest errors seen: README. */
const ALLOWED_EMBEDDED: Expected['allowed'] = { f32: 1e-4, f16: 5e-3, bf16: 1e-2, q8: 2e-2, q4: 0.1 };

/** For 28 layers: as published for f32, f16 and bf16; on synthetic weights q8 is about 0.016 off, q4 ten times that. */
const ALLOWED_LARGE: Expected['allowed'] = { f32: 1e-3, f16: 1e-2, bf16: 1e-2, q8: 5e-2, q4: 0.1 };

/** The example on the model's page: what jina-reranker-v3 scores in f32, rounded to four digits. */
const PUBLISHED_CASE = 'readme_1_vs_n';
export const PUBLISHED_SCORES: readonly number[] = [0.2978, -0.1606, 0.1897, -0.1701, 0.2246, 0.1619];

type Shape = Pick<Qwen3Config, 'layers' | 'hiddenSize'>;

const EMBEDDED_SHAPE: Shape = { layers: 4, hiddenSize: 256 };
const JINA_SHAPE: Shape = { layers: 28, hiddenSize: 1024 };

/** Its name on the hub, and where caches and people keep it; v3.5 is another model. */
const JINA_NAME = /jina-reranker-v3(?!\.?\d)/i;

/** GGUF files of it whose weights were quantised, and what MLX quantised, by its usual name: they score otherwise. */
const QUANTISED = /(?<!(?:BF16|F16|F32)(?:-\d{5}-of-\d{5})?)\.gguf$|\d-?bit\b/i;

/**
 * What is known of a model. Scores belong to weights, which a config can't tell apart: the embedded model is known by
 * its shape, which no other has; jina-reranker-v3 by its shape and its name, since others were made in that shape.
 */
export async function expectedScores(name: string, config: Qwen3Config): Promise<Expected> {
  const { embedded, prompts } = await import('./golden-data.js');
  if (hasShape(config, EMBEDDED_SHAPE)) return golden(embedded);
  const list = exampleOf(prompts);
  const isReleased = JINA_NAME.test(name) && !QUANTISED.test(name);
  if (isReleased && hasShape(config, JINA_SHAPE) && !config.windows.some(Number.isFinite)) {
    return {
      source: 'published',
      description:
        'Scores of jina-reranker-v3 for the example on its page, against those published for float32.',
      lists: [{ ...list, scores: PUBLISHED_SCORES }],
      allowed: ALLOWED_LARGE,
    };
  }
  return {
    source: 'agreement',
    description: `No scores are known for ${name}: all is compared with what the first device gives in f32.`,
    lists: [list],
    allowed: ALLOWED_LARGE,
  };
}

function golden(json: string): Expected {
  const { cases } = JSON.parse(json) as { cases: (VerifiedList & { name: string })[] };
  const lists = cases.filter(({ name }) => GOLDEN_LISTS.includes(name));
  const documents = lists.reduce((sum, list) => sum + list.documents.length, 0);
  return {
    source: 'golden',
    description: `Scores of the embedded model for ${documents} documents in ${lists.length} lists, against PyTorch's in float32.`,
    lists,
    allowed: ALLOWED_EMBEDDED,
  };
}

function exampleOf(json: string): VerifiedList {
  const cases = JSON.parse(json) as Record<string, { query: string; docs: string[] }>;
  const { query, docs } = cases[PUBLISHED_CASE]!;
  return { query, documents: docs };
}

function hasShape(config: Qwen3Config, { layers, hiddenSize }: Shape): boolean {
  return config.layers === layers && config.hiddenSize === hiddenSize;
}
