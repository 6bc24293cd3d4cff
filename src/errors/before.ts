import type { ErrorEntry } from './error-entry.ts'

/** 1: ours. 2: the command line or the configuration. Nothing was done. */
export const before = {
  INTERNAL: {
    exit: 1,
    title: 'A defect in lastgood',
    message: 'lastgood met something it did not expect: {detail}',
    hint: 'Run the same command with --debug and report what it prints. The service was left as the journal says: lastgood status',
  },
  USAGE: {
    exit: 2,
    title: 'The command line is wrong',
    message: '{detail}',
    hint: 'lastgood {command} --help',
  },
  NO_CONFIG: {
    exit: 2,
    title: 'No configuration',
    message: 'There is no configuration file at {path}.',
    hint: 'Write one with: lastgood init   or name it with: --config FILE',
  },
  CONFIG_INVALID: {
    exit: 2,
    title: 'The configuration cannot be used',
    message: '{path} cannot be used as it is; problems found: {count}.',
    hint: 'Mend the lines above, then check with: lastgood doctor',
  },
  CONFIG_EXISTS: {
    exit: 10,
    title: 'A configuration is already there',
    message: '{path} exists and was not touched.',
    hint: 'Edit it, or write another with: lastgood init --config OTHER.yaml',
  },
  NOT_A_PROJECT: {
    exit: 10,
    title: 'Nothing here to look at',
    message: '{directory} has no package.json, so there is no Node.js service to set up.',
    hint: 'Run lastgood init in the folder of your service',
  },
  PACKAGE_UNREADABLE: {
    exit: 10,
    title: 'package.json cannot be read',
    message: '{path} cannot be read: {detail}.',
    hint: 'Mend it, then: lastgood init',
  },
  DB_URL_INVALID: {
    exit: 2,
    title: 'The address of the database cannot be used',
    message: 'The url of the database cannot be used: {detail}.',
    hint: 'Set database.url in the configuration (or the variable it is taken from), then: lastgood doctor',
  },
  PREBUILT_INVALID: {
    exit: 2,
    title: 'Nothing that a release can be made of',
    message: 'No release can be made of {name}: {detail}.',
    hint: 'lastgood deploy {how}',
  },
} as const satisfies Record<string, ErrorEntry>
