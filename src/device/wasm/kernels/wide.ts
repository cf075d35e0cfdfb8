/** The build for engines that join two vectors of 128 bits to one of 256: the kernels, and what finds such engines. */
export * from './index';
export { probeEightLanes, probeSixteenLanes } from './probe';
