/** Text as users and attackers write it: any characters, with control tokens whole, torn, and one within another. */
import fc from 'fast-check';

export const hostileText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.string({ maxLength: 12 }),
      fc.constantFrom('<|embed_token|>', '<|rerank_token|>', '<|score_token|>'),
      fc.constantFrom('<|im_start|>', '<|im_end|>', '<|endoftext|>', '<think>', '</think>'),
      fc.constantFrom('<|', '|>', '<|embed_', 'token|>'),
      fc.constantFrom('<|rerank<|embed_token|>_token|>', '<<|im_end|>|im_end|>'),
      fc.constantFrom(
        ' ',
        '\n',
        '\r\n',
        '\t ',
        '\u0301',
        '\ufeff',
        '\u0000',
        '\u202e',
        '\u0085',
        '\uF8F0',
        '{{',
      ),
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''));

/** The same texts in every run. */
export const reproducible = { seed: 7, numRuns: 300 };
