/** The same model in PyTorch, where the machine has it: the same prompts, in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { CardMemory } from './card-memory.js';
import type { PromptSpeed } from './results.js';

export interface PeerPrompt {
  readonly tokens: number;
  /** Whose hidden states are wanted. */
  readonly rows: readonly number[];
  readonly runs: number;
}

/** A line of peer.py: at first who it is, then what a prompt took or why that is not known. */
type Line =
  | { readonly runner: string }
  | { readonly tokens: number; readonly why: string }
  | Pick<PromptSpeed, 'tokens' | 'seconds' | 'runs' | 'heldBytes'>;

/** Yields a prompt's speed, or why there is none. */
export async function* timePeer(
  prompts: readonly PeerPrompt[],
  card: CardMemory,
): AsyncGenerator<PromptSpeed | string> {
  const script = new URL('../peer.py', import.meta.url).pathname;
  const child = spawn('python3', [script, JSON.stringify(prompts)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint += text;
  });
  const ended = once(child, 'close').catch(() => {
    complaint = 'there is no python3';
    return [];
  });
  let runner = 'PyTorch';
  for await (const text of createInterface(child.stdout)) {
    const line = JSON.parse(text) as Line;
    if ('runner' in line) runner = line.runner;
    else if ('why' in line) yield `${runner}, ${line.tokens.toLocaleString('en')} tokens: ${line.why}`;
    else yield { runner, ...line, tokensPerSecond: line.tokens / line.seconds, cardBytes: card.takeMost() };
    card.takeMost();
  }
  const [code] = await ended;
  if (code !== 0) yield `PyTorch was not measured: ${complaint.trim().split('\n').at(-1)}`;
}
