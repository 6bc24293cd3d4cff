"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const { isAbsolute } = require('node:path');
/**
 * PM2 gives a cluster worker its environment as JSON and applies it only after the preloads ran, so until then
 * process.env holds what some other app left in the daemon. Never fall back to it.
 */
function lookupIn(env) {
    if (env.pm2_env === undefined)
        return { lookup: (name) => env[name], pm2Cluster: false };
    const pm2Env = JSON.parse(env.pm2_env);
    const inner = (typeof pm2Env.env === 'object' && pm2Env.env !== null ? pm2Env.env : {});
    return { lookup: (name) => pm2Env[name] ?? inner[name], pm2Cluster: true };
}
function readEnvKeys(text) {
    if (typeof text !== 'string' || text === '')
        return null;
    try {
        const keys = JSON.parse(text);
        return Array.isArray(keys) && keys.every((key) => typeof key === 'string') ? keys : null;
    }
    catch {
        return null;
    }
}
/** Null: this process is not meant to have an agent. */
function readSettings(env) {
    const { lookup, pm2Cluster } = lookupIn(env);
    const release = lookup('LASTGOOD_RELEASE');
    const run = lookup('LASTGOOD_RUN');
    if (typeof release !== 'string' || !/^[a-z0-9-]+$/.test(release))
        return null;
    if (typeof run !== 'string' || !isAbsolute(run))
        return null;
    return { release, run, envKeys: readEnvKeys(lookup('LASTGOOD_ENV_KEYS')), pm2Cluster };
}
const settings = { readSettings };
module.exports = settings;
