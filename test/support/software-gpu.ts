/** A GPU for the tests that every machine has: SwiftShader, which is Vulkan computed by the CPU. */
import { join } from 'node:path';
import { chromiumFolder } from './chromium.js';

/**
 * Environment variables that make Vulkan find SwiftShader. They have to be there before a process starts, since the
 * loader of libraries reads them then. Empty where there is no SwiftShader, or where the tests are to run on a GPU of
 * the machine: `LISTWISE_TEST_GPU=own npm test`. With `none` Vulkan finds nothing.
 */
export async function softwareGpu(): Promise<Record<string, string>> {
  const { VK_ICD_FILENAMES, LISTWISE_TEST_GPU, LD_LIBRARY_PATH } = process.env;
  if (VK_ICD_FILENAMES !== undefined || LISTWISE_TEST_GPU === 'own') return {};
  if (LISTWISE_TEST_GPU === 'none') return { VK_ICD_FILENAMES: '/none' };
  const folder = await chromiumFolder();
  if (folder === undefined) return {};
  return {
    VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'),
    LD_LIBRARY_PATH: LD_LIBRARY_PATH ? `${folder}:${LD_LIBRARY_PATH}` : folder,
  };
}
