/** Golden values as text inside this module, which is loaded only when a machine is verified. */
export { default as embedded } from '../../golden/embedded.json?raw';
export { default as prompts } from '../../golden/prompts.json?raw';
