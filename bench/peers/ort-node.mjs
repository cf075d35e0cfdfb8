// Times onnxruntime-node: the native CPU library, weights mapped from the file.

import { fileURLToPath } from 'node:url';
import ort from 'onnxruntime-node';
import { cached, measure, readArguments } from './ort-peer.mjs';

const options = readArguments();
const session = await ort.InferenceSession.create(fileURLToPath(cached(`qwen3-${options.dtype}.onnx`)), {
  intraOpNumThreads: options.threads,
});
await measure('onnxruntime-node', ort.env.versions.node, ort, session, options);
