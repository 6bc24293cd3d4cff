import * as z from 'zod'
import { choiceOf, expecting, flag, mapOf, pathInside, textOf, wholeNumber } from './scalar-schemas.ts'
import { wordsSchema } from './word-schemas.ts'

export const RUNTIME_KINDS = ['pm2'] as const

/** PM2 takes `all` for every app, digits for an id, and a name between slashes for a pattern. */
const APP_NAME = /^(?!all$)(?!\d+$)(?!-)[^\s/\\'"`$]+( [^\s/\\'"`$]+)*$/

export const runtimeSchema = mapOf('a map with at least an app', {
  kind: choiceOf('runtime', RUNTIME_KINDS).default('pm2').describe('What runs the instances.'),
  app: textOf('a PM2 app name (not "all", not only digits, no slash or quote)', APP_NAME).describe(
    'PM2 app name, as in the ecosystem file and in `pm2 list`.',
  ),
  ecosystem: pathInside('a PM2 ecosystem file')
    .nullable()
    .prefault(null)
    .describe(
      "PM2 ecosystem file, in the repository. It is read from each release's own checkout when it is built; what is set here wins over it.",
    ),
  script: pathInside('a script')
    .nullable()
    .prefault(null)
    .describe('Program to start, in the repository: dist/index.js. null: as the ecosystem file says.'),
  args: wordsSchema
    .nullable()
    .prefault(null)
    .describe('Arguments of the script. null: as the ecosystem file says.'),
  nodeArgs: wordsSchema
    .nullable()
    .prefault(null)
    .describe('Arguments of Node.js itself: --max-old-space-size=512. null: as the ecosystem file says.'),
  mode: choiceOf('mode', ['cluster', 'fork'])
    .nullable()
    .prefault(null)
    .describe(
      'PM2 mode. Only in cluster mode can two releases listen side by side, so only there nothing is lost in a switch. null: as the ecosystem file says.',
    ),
  instances: wholeNumber(1, 256)
    .nullable()
    .prefault(null)
    .describe('How many copies run. null: as the ecosystem file says.'),
  port: wholeNumber(1, 65_535)
    .nullable()
    .prefault(null)
    .describe('Port the service listens on. null: as the ecosystem file says, else the port of url.'),
  portVariable: textOf('a variable name', /^[A-Za-z_][A-Za-z0-9_]*$/)
    .default('PORT')
    .describe('Variable that tells the app its port. A copy that is only probed gets another value in it.'),
  agent: flag()
    .prefault(true)
    .describe(
      'Preload lastgood/agent into every instance: it tells which release serves, holds listen() back, and drains. Without it the same is done from outside, slower.',
    ),
  program: z
    .string({ error: expecting('a program') })
    .min(1, 'must be a program')
    .nullable()
    .prefault(null)
    .describe(
      "The pm2 program. A path is relative to this file. null: the project's node_modules, then PATH.",
    ),
  home: z
    .string({ error: expecting('a folder') })
    .min(1, 'must be a folder')
    .nullable()
    .prefault(null)
    .describe('PM2_HOME. A path is relative to this file. null: from the environment, else ~/.pm2.'),
})
