/** A build of the WebAssembly kernels in 128 bits; `relaxed` has fused multiply-add and the wide integer dot product. */
export interface NarrowKernels {
  readonly build: 'plain' | 'relaxed';
  readonly module: WebAssembly.Module;
}
