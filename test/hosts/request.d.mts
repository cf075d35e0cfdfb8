import type { Outcome } from './host.js';

export function rank(reranker: unknown, model?: unknown): Promise<Outcome>;
