"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const http = require('node:http');
const { activate } = require('./activate.cjs');
const { drain } = require('./drain.cjs');
const { readStatus } = require('./status.cjs');
const LONGEST_BODY = 256 * 1024;
const malformed = (what) => ({ code: 400, body: { error: what } });
/** Null: not a JSON object. */
async function readBody(request) {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) {
        text += chunk;
        if (text.length > LONGEST_BODY)
            return null;
    }
    if (text === '')
        return {};
    try {
        const body = JSON.parse(text);
        return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : null;
    }
    catch {
        return null;
    }
}
const routes = {
    'GET /status': async (agent) => ({ code: 200, body: await readStatus(agent) }),
    'POST /activate': async (agent, { retryMs = 0 }) => {
        if (typeof retryMs !== 'number' || !(retryMs >= 0))
            return malformed('retryMs is not a number of milliseconds');
        try {
            await activate(agent, retryMs);
            return { code: 200, body: await readStatus(agent) };
        }
        catch (error) {
            return { code: 409, body: { error: error instanceof Error ? error.message : String(error) } };
        }
    },
    'POST /drain': async (agent, { to = [] }) => {
        if (!Array.isArray(to) || !to.every((path) => typeof path === 'string'))
            return malformed('to is not a list of paths');
        drain(agent, to);
        return { code: 202, body: await readStatus(agent) };
    },
};
async function answer(agent, request) {
    const route = routes[`${request.method} ${request.url}`];
    if (route === undefined)
        return { code: 404, body: { error: 'no such command' } };
    const body = await readBody(request);
    return body === null ? malformed('the body is not a JSON object') : route(agent, body);
}
function createControl(agent) {
    return http.createServer((request, response) => {
        answer(agent, request)
            .catch((error) => ({ code: 500, body: { error: String(error) } }))
            .then(({ code, body }) => {
            response.writeHead(code, { 'content-type': 'application/json' });
            response.end(JSON.stringify(body));
        })
            .catch(() => response.destroy());
    });
}
const control = { createControl };
module.exports = control;
