import { expect, test } from 'vitest'
import { buildEnvironment } from './build-environment.ts'

const caller = {
  PATH: '/usr/bin',
  HOME: '/home/ann',
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://secret',
  AWS_SECRET_ACCESS_KEY: 'secret',
  https_proxy: 'http://proxy:3128',
  npm_config_registry: 'http://registry.example',
  NPM_CONFIG_CAFILE: '/etc/ca.pem',
  npm_config_omit: 'dev',
  npm_config_local_prefix: '/srv/other',
  npm_lifecycle_event: 'demo',
  npm_package_name: 'lastgood',
  GIT_DIR: '/srv/other/.git',
}

test('a build sees what a clean machine has, and no secret of the service', () => {
  expect(buildEnvironment(caller, '/home/releases/r1/app')).toEqual({
    PATH: '/usr/bin',
    HOME: '/home/ann',
    https_proxy: 'http://proxy:3128',
    npm_config_registry: 'http://registry.example',
    NPM_CONFIG_CAFILE: '/etc/ca.pem',
    CI: '1',
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    GIT_CEILING_DIRECTORIES: '/home/releases/r1',
  })
})
