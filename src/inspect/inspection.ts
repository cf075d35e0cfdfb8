/** An inspection, checked and planned before anything runs. */
import type { WeightDtype } from '../device/dtype.js';
import { ListwiseError } from '../error.js';
import { cacheBytes, forwardBytes } from '../model/memory-plan.js';
import type { Engine } from '../reranker/engine.js';
import { checkRequest, type RerankRequest, wholeNumber } from '../reranker/options.js';
import type { Prompt } from '../reranker/prompt.js';
import type { Protocol } from '../reranker/protocols/protocol.js';
import type { Tokenizer } from '../reranker/tokenizer.js';
import { type AttentionSelection, attentionBytes } from './attention.js';
import { type CheckedEdit, checkEdits } from './edits.js';
import { type Experiment, leaveOut, maskSpans, reorder } from './moved.js';
import type {
  AttentionRequest,
  HiddenRequest,
  InspectionPlan,
  InspectOptions,
  MaskRequest,
} from './options.js';
import { headsOf, invalid, layersOf, markersOf, place, rowsOf, type Subject } from './selection.js';
import { SPAN_KINDS, spansOf } from './spans.js';
import { locate, STATE_PLACES, type StatePlace } from './states.js';
import { type Blocks, blocksOf, tokensOf } from './tokens.js';
import type { MaskedDocument, OrderEffect } from './trace-contents.js';

const MOST_BYTES = 2 ** 30;

/** What an inspection needs of the reranker. */
export interface InspectHost {
  readonly model: string;
  readonly dtype: WeightDtype;
  readonly tokenizer: Tokenizer;
  /** The engine as it is; when a task's turn comes it may be another. */
  readonly engine: Engine;
  readonly protocol: Protocol;
  prompts(request: RerankRequest): Prompt[];
  run<T>(task: (engine: Engine) => Promise<T>, signal: AbortSignal | undefined): Promise<T>;
}

/** Values to record: of one layer. */
export interface HiddenSelection {
  readonly place: StatePlace;
  readonly layer: number;
  readonly rows: readonly number[];
  readonly normed: boolean;
}

export interface Inspection extends Subject {
  readonly request: RerankRequest;
  readonly prompt: Prompt;
  /** The documents as the model reads them. */
  readonly documents: readonly string[];
  /** The documents' markers and the query's. */
  readonly markers: readonly number[];
  /** What the last layer computes: the markers, and what else was asked for. */
  readonly wanted: readonly number[];
  readonly hidden: readonly HiddenSelection[];
  readonly attention: readonly AttentionSelection[];
  readonly blocks: { readonly of: Blocks; readonly attention: readonly AttentionSelection[] } | undefined;
  readonly lens: boolean;
  readonly edits: readonly CheckedEdit[];
  readonly leftOut: Experiment<Float32Array> | undefined;
  readonly masked: Experiment<(scores: Float32Array) => MaskedDocument[]> | undefined;
  readonly orders: Experiment<OrderEffect> | undefined;
  readonly plan: InspectionPlan;
}

/** Throws `invalid-input`, and `out-of-memory` for a trace of more than `maxBytes`. */
export function checkInspection(
  host: InspectHost,
  query: string,
  texts: readonly string[],
  options: InspectOptions,
): Inspection {
  const request = checkRequest(query, texts, options, host.protocol.limits);
  if (options.edits && (options.leaveOut || options.mask || options.orders !== undefined)) {
    throw invalid('leaveOut, mask and orders compare lists as the model reads them; edits go without them.');
  }
  const prompt = onlyPrompt(host.prompts(request));
  const { config } = host.engine;
  const subject: Subject = { config, tokens: tokensOf(prompt, host.tokenizer) };
  const markers = markersOf(subject.tokens);
  const documents = documentsOf(prompt);
  const selections = {
    hidden: [options.hidden ?? []].flat().flatMap((asked, i) => hiddenOf(`hidden[${i}]`, asked, subject)),
    attention: options.attention ? attentionOf(options.attention, subject) : [],
    blocks: options.blocks ? blockAttention(options.blocks, subject) : undefined,
    lens: options.lens ?? false,
    edits: options.edits ? checkEdits(options.edits, subject, host.model) : [],
  };
  const build = (some: readonly string[]) => onlyPrompt(host.prompts({ ...request, documents: some }));
  const experiments = {
    leftOut: options.leaveOut ? leaveOut(build, documents) : undefined,
    masked: options.mask
      ? maskSpans(build, documents, masksOf(options.mask, documents, host.tokenizer))
      : undefined,
    orders:
      options.orders === undefined
        ? undefined
        : reorder(build, documents, wholeNumber('orders', options.orders, 1, 1)),
  };
  const inspection = { ...subject, request, prompt, documents, markers, ...selections, ...experiments };
  const wanted = wantedRows(inspection);
  const plan = planOf(host.engine, { ...inspection, wanted });
  checkBytes(plan, wholeNumber('maxBytes', options.maxBytes, MOST_BYTES, 0));
  return { ...inspection, wanted, plan };
}

function onlyPrompt(prompts: readonly Prompt[]): Prompt {
  if (prompts.length === 1) return prompts[0]!;
  if (prompts.length === 0) throw invalid('documents is empty, expected at least one document to look into.');
  throw invalid(
    `The documents take ${prompts.length} prompts; an inspection looks into one.`,
    'Give fewer documents, or a smaller maxDocumentLength.',
  );
}

function documentsOf(prompt: Prompt): string[] {
  const texts = prompt.documentPositions.map(() => '');
  for (const { text, source } of prompt.stretches.flatMap(({ pieces }) => pieces)) {
    if (source.kind === 'document') texts[source.document] += text;
  }
  return texts;
}

function hiddenOf(name: string, asked: HiddenRequest, subject: Subject): HiddenSelection[] {
  const where = asked.place ?? 'mlp';
  if (!STATE_PLACES.includes(where)) {
    throw invalid(`${name}.place is ${JSON.stringify(where)}, expected ${STATE_PLACES.join(', ')}.`);
  }
  const normed = asked.normed ?? false;
  if (normed && where !== 'attention' && where !== 'mlp') {
    throw invalid(`${name} asks for the final norm of ${where}; it is a norm of the residual stream.`);
  }
  const rows = rowsOf(asked.rows, subject);
  return layersOf(asked.layers, subject).map((layer) => ({ place: where, layer, rows, normed }));
}

function attentionOf({ layers, heads, rows }: AttentionRequest, subject: Subject): AttentionSelection[] {
  const chosen = { heads: headsOf(heads, subject), rows: rowsOf(rows, subject) };
  return layersOf(layers, subject).map((layer) => ({ layer, ...chosen }));
}

function blockAttention(asked: NonNullable<InspectOptions['blocks']>, subject: Subject) {
  return {
    of: blocksOf(subject.tokens),
    attention: attentionOf(asked === true ? {} : { ...asked, rows: 'markers' }, subject),
  };
}

function masksOf(
  { by = 'sentence', documents: asked }: MaskRequest,
  documents: readonly string[],
  tokenizer: Tokenizer,
) {
  if (!SPAN_KINDS.includes(by)) {
    throw invalid(`mask.by is ${JSON.stringify(by)}, expected ${SPAN_KINDS.join(', ')}.`);
  }
  const chosen = asked ?? documents.map((_, i) => i);
  const checked = chosen.map((document) => place('mask.documents', document, documents.length, 'documents'));
  return checked
    .sort((a, b) => a - b)
    .map((document) => ({ document, spans: spansOf(documents[document]!, by, tokenizer) }));
}

type Selections = Omit<Inspection, 'plan' | 'wanted'>;

/** The last layer computes nothing but keys and values for rows that nobody wants. */
function wantedRows({ config, markers, hidden, attention, blocks, edits }: Selections): number[] {
  const last = config.layers - 1;
  const projected = (where: StatePlace) => where === 'keys' || where === 'values';
  const all = [
    ...[...hidden, ...edits].filter(({ layer, place: where }) => layer === last && !projected(where)),
    ...[...attention, ...(blocks?.attention ?? [])].filter(({ layer }) => layer === last),
  ];
  return [...new Set([...markers, ...all.flatMap(({ rows }) => rows)])].sort((a, b) => a - b);
}

function planOf(
  { device, config }: Engine,
  inspection: Selections & { wanted: readonly number[] },
): InspectionPlan {
  const { tokens, markers, wanted, hidden, attention, blocks, lens, edits } = inspection;
  const { leftOut, masked, orders } = inspection;
  const experiments = [leftOut, masked, orders].filter((experiment) => experiment !== undefined);
  const floats = [
    ...hidden.map(({ place: where, rows }) => rows.length * locate(where, config).columns),
    ...attention.map(({ heads, rows }) => heads.length * rows.length * tokens.length),
    ...(blocks?.attention ?? []).map(
      ({ heads, rows }) => heads.length * rows.length * blocks!.of.names.length,
    ),
    lens ? config.layers * markers.length * config.hiddenSize : 0,
    ...edits.map(({ columns, values }) => values?.length ?? columns),
  ];
  const looking = [
    0,
    ...attention.map(({ rows }) => attentionBytes(config, rows.length, tokens.length)),
    ...(blocks?.attention ?? []).map(({ rows }) =>
      attentionBytes(config, rows.length, tokens.length, blocks!.of.names.length),
    ),
    ...[...hidden, ...edits].map(({ rows }) => Math.min(rows.length, device.chunkRows) * widest(config) * 4),
  ];
  const running = forwardBytes(device, config, tokens.length, wanted.length, true) + Math.max(...looking);
  const varying = experiments.length > 0 ? running + cacheBytes(device, config, tokens.length) : 0;
  const measured = edits.some(({ values }) => values === undefined) ? 2 : 1;
  return {
    tokens: tokens.length,
    runTokens: measured * tokens.length + experiments.reduce((sum, { tokens: own }) => sum + own, 0),
    traceBytes: 4 * floats.reduce((sum, count) => sum + count, 0),
    deviceBytes: Math.max(running, varying),
  };
}

/** Columns of the widest tensor that is read. */
function widest({ hiddenSize, heads, kvHeads, headDim }: Engine['config']): number {
  return Math.max(hiddenSize, (heads + 2 * kvHeads) * headDim);
}

function checkBytes({ traceBytes }: InspectionPlan, most: number): void {
  if (traceBytes <= most) return;
  const mebibytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  throw new ListwiseError(
    'out-of-memory',
    `The trace would take ${mebibytes(traceBytes)}; maxBytes allows ${mebibytes(most)}.`,
    { hint: 'Ask for fewer layers, heads or rows, or for blocks instead of single tokens.' },
  );
}
