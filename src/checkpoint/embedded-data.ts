/** The files of the model that ships with the package, as text inside this module. Built once for all bundles. */
export { default as config } from '../../weights/config.json?raw';
export { default as weights } from '../../weights/model.safetensors?binary';
export { default as tokenizer } from '../../weights/tokenizer.json?raw';
export { default as tokenizerConfig } from '../../weights/tokenizer_config.json?raw';
