/** This package's own description of itself. */
import packageJson from '../package.json?raw';

export const { version: VERSION, description: DESCRIPTION } = JSON.parse(packageJson) as {
  version: string;
  description: string;
};
