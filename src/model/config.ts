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

/** Of a config without `head_dim`, as transformers has it. */
const DEFAULT_HEAD_DIM = 128;

/** Keys that must have this value, or be absent. Other values change the computation. */
const REQUIRED_VALUES: Readonly<Record<string, readonly unknown[]>> = {
  hidden_act: ['silu'],
  attention_bias: [false],
  mlp_bias: [false],
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
  const headDim = json.head_dim === undefined ? DEFAULT_HEAD_DIM : wholeNumber(json, 'head_dim');
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

/**
 * The base of the rotary angles. As in transformers, `rope_scaling` stands for all of `rope_parameters`, the form that
 * its newer versions write, unless it is empty; and a `rope_theta` in either goes before the one beside it.
 */
function ropeTheta(json: Json): number {
  const key = ['rope_scaling', 'rope_parameters'].find((each) => !isEmpty(json[each]));
  if (key === undefined) return positive(json, 'rope_theta');
  const parameters = json[key];
  if (!isObject(parameters)) throw mismatch(`${key} is ${show(parameters)}, expected an object`);
  const { type = 'default', rope_type: ropeType = type, factor, partial_rotary_factor: partial } = parameters;
  if (ropeType !== 'default' && !(ropeType === 'linear' && factor === 1)) {
    throw unsupported(`${key} asks for ${show(ropeType)}, expected "default"`);
  }
  if (partial !== undefined && partial !== 1) {
    throw unsupported(`${key}.partial_rotary_factor is ${show(partial)}, expected 1`);
  }
  const [layers] = Object.keys(parameters).filter((each) => isObject(parameters[each]));
  if (layers !== undefined) throw unsupported(`${key}.${layers} has angles of its own, expected none`);
  return positive('rope_theta' in parameters ? parameters : json, 'rope_theta');
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
    if (type === 'sliding_attention') return slidingWindow(json);
    throw unsupported(`layer_types holds ${show(type)}, expected "full_attention" or "sliding_attention"`);
  });
}

/** With `use_sliding_window: false` transformers has no window for such a layer, and fails as it runs. */
function slidingWindow(json: Json): number {
  const { use_sliding_window: use = true } = json;
  if (use === true) return wholeNumber(json, 'sliding_window');
  throw mismatch(`layer_types holds "sliding_attention", but use_sliding_window is ${show(use)}`);
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

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (isObject(value) && Object.keys(value).length === 0);
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
