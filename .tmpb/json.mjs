import { z } from 'zod';
const words='The quick brown fox jumps over the lazy dog, and the café serves 中文 text. ';
for (const [n,size] of [['8MiB',8*2**20],['50MB',50e6]]) for (const kind of ['1000 docs','1 doc','escapes','ascii', 'numbers','tiny docs']) {
  const per= kind==='1 doc'?1:1000; 
  const doc = kind==='escapes' ? '\\u4e2d\n"'.repeat(size/per/12|0) : kind==='ascii' ? 'a b c d '.repeat(size/per/8|0) : words.repeat(size/per/90|0);
  let body = JSON.stringify({query:'q',documents:kind==='tiny docs'?Array(size/4|0).fill('a'):Array(per).fill(doc)});
  if (kind==='numbers') body=JSON.stringify({query:'q',x:Array(size/2|0).fill(1)});
  if (kind==='escapes') body='{"query":"q","documents":["'+'\\u4e2d'.repeat(size/6|0)+'"]}';
  const buf=Buffer.from(body);
  let best=[1e9,1e9];
  for(let i=0;i<3;i++){ let t=performance.now(); const s=new TextDecoder().decode(buf); const a=performance.now()-t; t=performance.now(); JSON.parse(s); const b=performance.now()-t; best=[Math.min(best[0],a),Math.min(best[1],b)]; }
  console.log(n,kind,buf.length,'decode',best[0].toFixed(0),'parse',best[1].toFixed(0));
}
