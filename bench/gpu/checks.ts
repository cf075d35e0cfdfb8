/** Whether the numbers are right: without that a speed means nothing. */
import {
  EMBEDDED_CASES,
  FULL,
  type Measured,
  measureFull,
  measureTiny,
  TINY_CASES,
} from '../../golden/measure.js';
import { largestDifference } from '../../golden/values.js';
import { openEmbedded } from '../../src/checkpoint/embedded.js';
import type { Device } from '../../src/device/device.js';
import type { WeightDtype } from '../../src/device/dtype.js';
import { HALF_TOLERANCE } from '../../src/device/webgpu/open.js';
import { selfTest } from '../../src/device/self-test.js';
import type { Arithmetic } from '../../src/device/webgpu/arithmetic.js';
import { Ranker } from './ranker.js';
import type { Check } from './results.js';
import { type Setting, settingName } from './settings.js';
import { type Size, WHOLE } from './sizes.js';

const EXACT = 1e-4;
const HALF = 5e-3;
const EIGHTH = 2e-2;
