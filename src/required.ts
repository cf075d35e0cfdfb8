/** What `require` gives where it can't load modules: in one file, so that there is one copy of each class. */
export * as listwise from './index.js';
export * as server from './server/index.js';
