/** The report's script: draws the trace that stands in the page. */
import type { TraceSummary } from '../summary.js';
import { insideView } from './inside.js';

const trace = JSON.parse(document.getElementById('trace')!.textContent!) as TraceSummary;
document.getElementById('inside')!.replaceChildren(insideView(trace));
