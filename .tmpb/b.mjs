import * as esbuild from 'esbuild';
import { inlineForEsbuild } from '../bundle/inline.mjs';
await esbuild.build({entryPoints:[process.argv[2]],bundle:true,platform:'node',format:'esm',packages:'external',outfile:process.argv[3],plugins:[inlineForEsbuild],logLevel:'error'});
