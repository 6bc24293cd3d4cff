"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
/** What PM2, Node's cluster and any program at all need, whatever the release was configured with. */
const KEPT = new Set([
    ...['pm2_env', 'NODE_APP_INSTANCE', 'NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE', 'NODE_UNIQUE_ID'],
    ...['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'TZ', 'TERM', 'SHELL', 'PWD', 'TMPDIR', 'windowsHide'],
]);
const isKept = (name) => KEPT.has(name) || name.startsWith('LC_') || name.startsWith('PM2_');
/**
 * A cluster worker starts with the PM2 daemon's variables, and the daemon has those of the app that started it, so
 * a variable that only another release had would still be set here. PM2 adds the release's own ones afterwards.
 */
function removeLeftovers(env, keys) {
    const given = new Set(keys);
    for (const name of Object.keys(env))
        if (!given.has(name) && !isKept(name))
            delete env[name];
}
const environment = { removeLeftovers };
module.exports = environment;
