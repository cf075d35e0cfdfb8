/** Ends well if WebGPU finds a GPU that is one. */
import { requestAdapter } from '../../src/device/webgpu/adapter.js';

const { isSoftware } = await requestAdapter();
process.exit(isSoftware ? 1 : 0);
