/** What of the hub's own client is needed, loaded when there is something to ask. */
export { listFiles, modelInfo } from '@huggingface/hub';
