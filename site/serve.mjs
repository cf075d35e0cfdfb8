/** `npm run docs` builds the documentation and serves it; `npm run docs -- --port 3000` on another port. */

import { POLICY } from '../web/policy.mjs';
import { serveBuilt } from '../web/serve-built.mjs';
import { buildSite, SITE_FOLDER } from './build.mjs';

await serveBuilt({
  name: 'The documentation of listwise is',
  folder: SITE_FOLDER,
  port: 8081,
  build: buildSite,
  // VitePress sets light or dark in a script within the page, colours code by style attributes, has icons in its styles.
  policy: {
    ...POLICY,
    'script-src': `${POLICY['script-src']} 'unsafe-inline'`,
    'style-src': "'self' 'unsafe-inline'",
    'img-src': "'self' data:",
  },
});
