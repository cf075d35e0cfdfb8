/**
 * config.json of a Qwen3 backbone, checked key by key. What this runtime does not compute is an error here: it is
 * never ignored.
 */
import { ListwiseError } from '../error.js';

export interface Qwen3Config {
  readonly layers: number;
  readonly hiddenSize: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly intermediateSize: number;
  readonly vocabularySize: number;
  readonly maxPositions: number; // tokens
  readonly rmsNormEpsilon: number;
  readonly ropeTheta: number;
  /** For each layer how many tokens it sees, itself included: `Infinity` where attention is not windowed. */
  readonly windows: readonly number[];
}

type Json = Readonly<Record<string, unknown>>;

/** No decoder comes near these. What is made for each must not fill the memory because a file lies. */
const MOST_LAYERS = 1000;
const WIDEST_HEAD = 1024;

/** Keys that must have this value, or be absent. Other values change the computation. */
const REQUIRED_VALUES: Readonly<Record<string, readonly unknown[]>> = {
  hidden_act: ['silu'],
  attention_bias: [false],
  mlp_bias: [false],
  rope_scaling: [null],
  partial_rotary_factor: [1],
  quantization_config: [null],
  quantization: [null], // MLX's name for it
};

/** Throws `checkpoint-mismatch` for a missing or impossible value, `unsupported-model` for what is not computed. */
export function parseConfig(json: Json): Qwen3Config {
  if (json.model_type !== 'qwen3') {
    throw unsupported(`model_type is ${show(json.model_type)}, expected "qwen3"`);
  }
  for (const [key, values] of Object.entries(REQUIRED_VALUES)) {
    if (json[key] !== undefined && !values.includes(json[key])) {
      throw unsupported(`${key} is ${show(json[key])}, expected ${values.map(show).join(' or ')}`);
    }
  }
  const heads = wholeNumber(json, 'num_attention_heads');
  const kvHeads = wholeNumber(json, 'num_key_value_heads');
  const headDim = wholeNumber(json, 'head_dim');
  if (heads % kvHeads !== 0) throw mismatch(`${heads} query heads can't share ${kvHeads} key-value heads`);
  if (headDim % 2 !== 0) throw mismatch(`head_dim is ${headDim}; rotary embeddings need an even number`);
  if (headDim > WIDEST_HEAD) throw mismatch(`head_dim is ${headDim}, expected at most ${WIDEST_HEAD}`);
  const layers = wholeNumber(json, 'num_hidden_layers');
  if (layers > MOST_LAYERS) throw mismatch(`num_hidden_layers is ${layers}, expected at most ${MOST_LAYERS}`);
  return {
    layers,
    hiddenSize: wholeNumber(json, 'hidden_size'),
    heads,
    kvHeads,
    headDim,
    intermediateSize: wholeNumber(json, 'intermediate_size'),
    vocabularySize: wholeNumber(json, 'vocab_size'),
    maxPositions: wholeNumber(json, 'max_position_embeddings'),
    rmsNormEpsilon: positive(json, 'rms_norm_eps'),
    ropeTheta: ropeTheta(json),
    windows: windows(json, layers),
  };
}

/** `rope_theta`, or the `rope_parameters` that newer versions of transformers write instead. */
function ropeTheta(json: Json): number {
  const parameters = json.rope_parameters;
  if (parameters === undefined || parameters === null) return positive(json, 'rope_theta');
  if (typeof parameters !== 'object')
    throw mismatch(`rope_parameters is ${show(parameters)}, expected an object`);
  const { rope_type: type, partial_rotary_factor: factor = 1, ...rest } = parameters as Json;
  if (type !== 'default') throw unsupported(`rope_parameters.rope_type is ${show(type)}, expected "default"`);
  if (factor !== 1) throw unsupported(`rope_parameters.partial_rotary_factor is ${show(factor)}, expected 1`);
  return positive(rest, 'rope_theta');
}

/**
 * `layer_types` says which layers slide. Without it the older rule holds: with `use_sliding_window`, every layer
 * from `max_window_layers` on.
 */
function windows(json: Json, layers: number): number[] {
  const types = json.layer_types;
  if (types === undefined || types === null) {
    if (json.use_sliding_window !== true) return Array(layers).fill(Number.POSITIVE_INFINITY);
    const full = wholeNumber(json, 'max_window_layers', 0);
    const window = wholeNumber(json, 'sliding_window');
    return Array.from({ length: layers }, (_, layer) => (layer < full ? Number.POSITIVE_INFINITY : window));
  }
  if (!Array.isArray(types) || types.length !== layers) {
    throw mismatch(`layer_types must list ${layers} layers, is ${show(types)}`);
  }
  return types.map((type) => {
    if (type === 'full_attention') return Number.POSITIVE_INFINITY;
    if (type === 'sliding_attention') return wholeNumber(json, 'sliding_window');
    throw unsupported(`layer_types holds ${show(type)}, expected "full_attention" or "sliding_attention"`);
  });
}

function wholeNumber(json: Json, key: string, least = 1): number {
  const value = json[key];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw mismatch(`${key} is ${show(value)}, expected a whole number of at least ${least}`);
}

function positive(json: Json, key: string): number {
  const value = json[key];
  if (typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw mismatch(`${key} is ${show(value)}, expected a positive number`);
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}

function mismatch(what: string): ListwiseError {
  return new ListwiseError('checkpoint-mismatch', `config.json: ${what}.`);
}

function unsupported(what: string): ListwiseError {
  return new ListwiseError('unsupported-model', `config.json: ${what}.`, {
    hint: 'listwise runs jina-reranker-v3 and models of the same architecture.',
  });
}
