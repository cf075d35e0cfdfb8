// Times onnxruntime-web's WASM backend in Node: 128-bit SIMD and threads, as in a cross-origin isolated page.
//
// Peak memory counts the weights twice, as a page would: the file's bytes, and their copy in WASM memory.

import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { cached, measure, readArguments } from './ort-peer.mjs';

const options = readArguments();
ort.env.wasm.numThreads = options.threads;

const model = `qwen3-${options.dtype}.onnx`;
const weights = { path: `${model}.data`, data: readFileSync(cached(`${model}.data`)) };
const session = await ort.InferenceSession.create(readFileSync(cached(model)), { externalData: [weights] });
await measure('onnxruntime-web', ort.env.versions.web, ort, session, options);
