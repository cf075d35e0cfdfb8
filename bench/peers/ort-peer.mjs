// What the two ONNX Runtime peers share: arguments, prompt, timing, and one JSON line for each prompt length.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const HIDDEN = 1024;
const CACHE = new URL('.cache/', import.meta.url);

/** Command-line arguments, the same as torch_peer.py's. */
export function readArguments() {
  const option = { type: 'string' };
  const { values } = parseArgs({ options: { threads: option, tokens: option, dtype: option, runs: option } });
  return {
    threads: Number(values.threads),
    tokens: values.tokens.split(',').map(Number),
    dtype: values.dtype, // float32, int8-block32 or int8-dynamic
    runs: Number(values.runs),
  };
}

/** The path of a file that export_onnx.py wrote. */
export function cached(name) {
  return new URL(name, CACHE);
}

/** Times one session on every prompt length; the first run of each warms up. */
export async function measure(peer, version, ort, session, { threads, tokens, dtype, runs }) {
  const prompt = readFloats('prompt.f32'); // [longest, hidden]
  const expected = readFloats('expected.f32'); // [checked, hidden]
  for (const count of tokens) {
    const embedded = new ort.Tensor('float32', prompt.subarray(0, count * HIDDEN), [1, count, HIDDEN]);
    const { output } = await prefill(session, embedded);
    const all = [];
    for (let run = 0; run < runs; run++) all.push((await prefill(session, embedded)).seconds);
    const seconds = median(all);
    const line = {
      peer,
      version,
      dtype,
      threads,
      tokens: count,
      seconds: round(seconds, 4),
      runs: all.map((run) => round(run, 4)),
      tokensPerSecond: round(count / seconds, 2),
      peakMemoryMiB: round(process.resourceUsage().maxRSS / 1024, 0),
      relativeError: Number(relativeError(output, expected).toPrecision(3)),
    };
    console.log(JSON.stringify(line));
  }
}

/** Embedded tokens → final hidden states, both [1, tokens, hidden], and the seconds it took. */
async function prefill(session, embedded) {
  const start = performance.now();
  const outputs = await session.run({ inputs_embeds: embedded });
  const seconds = (performance.now() - start) / 1000;
  return { output: outputs[session.outputNames[0]].data, seconds };
}

function readFloats(name) {
  const { buffer, byteOffset, byteLength } = readFileSync(cached(name));
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}

/** L2, over the rows that both have: attention is causal, so they do not depend on the prompt's length. */
function relativeError(actual, expected) {
  let difference = 0;
  let length = 0;
  for (let i = 0; i < Math.min(actual.length, expected.length); i++) {
    difference += (actual[i] - expected[i]) ** 2;
    length += expected[i] ** 2;
  }
  return Math.sqrt(difference / length);
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}
