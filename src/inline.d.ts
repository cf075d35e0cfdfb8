/** Files inlined at build time: see bundle/inline.mjs. */
declare module '*?raw' {
  const text: string;
  export default text;
}
declare module '*?script' {
  const text: string;
  export default text;
}
declare module '*?binary' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
/** A module of a runtime's own, in dist/: see build.mjs. */
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
