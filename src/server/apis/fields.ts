/** Fields that several APIs have. */
import { z } from '@hono/zod-openapi';

export const queryField = z
  .string()
  .refine((text) => text.trim() !== '', 'is empty, expected some text')
  .openapi({ description: 'What is looked for.', example: 'edit photos' });

export const modelField = z
  .string()
  .optional()
  .openapi({ description: 'One of the names that this server answers to; its model by default.' });

export const topNField = z
  .int()
  .min(1)
  .optional()
  .openapi({ description: 'How many documents to return at most: all by default.', example: 3 });

export const EXAMPLE_DOCUMENTS = [
  'A chess engine without a board.',
  'Retouch photographs and compose pictures.',
  'View pictures in a terminal.',
];
