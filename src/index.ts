/** listwise: a listwise reranker that runs wherever JavaScript runs. */

export { filesOfBlobs } from './checkpoint/blob-files.js';
export { type Checkpoint, openCheckpoint } from './checkpoint/checkpoint.js';
export type { ModelFiles } from './checkpoint/files.js';
export { cachedModels, removeCachedModel } from './checkpoint/hub/cached.js';
export { describeModel, type HubModelDescription } from './checkpoint/hub/description.js';
export { downloadModel } from './checkpoint/hub/model.js';
export type { HubOptions } from './checkpoint/hub/options.js';
export { filesInMemory } from './checkpoint/memory-files.js';
export { MemorySource } from './checkpoint/memory-source.js';
export { openSafetensors } from './checkpoint/safetensors.js';
export type { TensorStore } from './checkpoint/tensors.js';
export { DEVICE_KINDS } from './device/choose.js';
export type { DeviceKind } from './device/device.js';
export { WEIGHT_DTYPES, type WeightDtype } from './device/dtype.js';
export { ListwiseError, type ListwiseErrorCode } from './error.js';
export type { AttentionWeights } from './inspect/attention.js';
export type { Change, Edit } from './inspect/edits.js';
export type {
  AttentionRequest,
  HiddenRequest,
  InspectionPlan,
  InspectOptions,
  MaskRequest,
} from './inspect/options.js';
export { reportHtml } from './inspect/report/html.js';
export type { Numbers, Rows } from './inspect/selection.js';
export type { SpanKind } from './inspect/spans.js';
export type { State, StatePlace } from './inspect/states.js';
export type { TraceSummary } from './inspect/summary.js';
export type { PromptToken, TokenPart } from './inspect/tokens.js';
export { Trace } from './inspect/trace.js';
export type { HiddenState, MaskedDocument, MaskedSpan, OrderEffect } from './inspect/trace-contents.js';
export { modelBytes } from './model/model-bytes.js';
export type { ByteSource } from './platform/byte-source.js';
export type { CachedRepository } from './platform/repository-cache.js';
export type { LoadOptions, NoticeTopic } from './reranker/load-options.js';
export type { Progress, RerankOptions } from './reranker/options.js';
export type { Prompt } from './reranker/prompt.js';
export { PROTOCOLS, type ProtocolName } from './reranker/protocols/choose.js';
export type { ScoreScale } from './reranker/protocols/protocol.js';
export type { RankedDocument, Ranking } from './reranker/ranking.js';
export { type RequestPlan, Reranker } from './reranker/reranker.js';
export { Session, type SessionOptions, type SessionRankOptions } from './reranker/session.js';
