"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const http = require('node:http');
const { answerElsewhere, answerHereAfterAll } = require('./counters.cjs');
const { guarded } = require('./guard.cjs');
const { hasBody, pairs, toClient, toTarget } = require('./forward-headers.cjs');
const { reachOne } = require('./targets.cjs');
/** Taken at preload, before an instrumentation of the app could patch it. */
const { request: send } = http;
/** The app may send bigger headers than Node's client takes by default. */
const MAX_HEADERS = 1024 * 1024;
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
function openRequest(socket, { event, request }) {
    return send({
        createConnection: () => socket,
        method: request.method,
        path: request.url,
        headers: toTarget(request, request.socket.remoteAddress ?? '', event === 'request'),
        maxHeaderSize: MAX_HEADERS,
    });
}
/**
 * Body and trailers there. Nothing of the body is read before a target took the connection, and nothing at all where
 * there is none, so that the app of this process could still have the request.
 */
function sendBody(request, out) {
    if (!hasBody(request)) {
        out.end();
        return;
    }
    const passTrailers = guarded(() => {
        if (request.rawTrailers.length > 0)
            out.addTrailers(pairs(request.rawTrailers));
    });
    request.once('end', passTrailers);
    request.pipe(out);
}
/** Head, body and trailers back. `Connection: close` comes from `shouldKeepAlive`, see route.cts. */
function sendAnswer({ request, response }, answer) {
    // The client may be gone before the last bytes are written.
    response.on('error', () => { });
    // A cut answer must look cut to the client too.
    answer.once('error', () => response.destroy());
    const passTrailers = guarded(() => {
        if (answer.rawTrailers.length > 0)
            response.addTrailers(pairs(answer.rawTrailers));
    });
    answer.once('end', passTrailers);
    response.sendDate = false;
    const headers = toClient(answer.rawHeaders, request.httpVersion);
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', headers);
    // A stream may wait long before its first byte.
    response.flushHeaders();
    answer.pipe(response);
}
function passInformation({ response }, status, headers) {
    if (status === 102)
        response.writeProcessing();
    if (status === 103 && headers.link !== undefined)
        response.writeEarlyHints({ ...headers, link: headers.link });
}
/** The target had the request, perhaps did half of it, and did not answer. */
function answerBadGateway(response) {
    answerHereAfterAll(response);
    response.writeHead(502, { 'content-type': 'text/plain' });
    response.end('The release that took over this request ended before it answered.\n');
}
function exchange(forwarding, socket, others) {
    const { event, request, response, answerHere } = forwarding;
    let answered = false;
    const out = openRequest(socket, forwarding);
    answerElsewhere(response, () => out.destroy());
    out.on('error', () => {
        if (answered || request.socket.destroyed)
            return;
        const repeatable = REPEATABLE.has(request.method ?? '') && !hasBody(request);
        if (!repeatable)
            return answerBadGateway(response);
        if (others.length > 0)
            forward(forwarding, others);
        else
            answerHere();
    });
    const onAnswer = (answer) => {
        answered = true;
        sendAnswer(forwarding, answer);
    };
    const cut = () => response.destroy();
    out.on('response', guarded(onAnswer, cut));
    if (event === 'checkContinue')
        out.on('continue', () => response.writeContinue());
    const onInformation = ({ statusCode, headers }) => passInformation(forwarding, statusCode, headers);
    out.on('information', guarded(onInformation));
    sendBody(request, out);
}
/** Gives a request of a draining process to another one; its answer is streamed back. */
function forward(forwarding, targets) {
    const { answerHere, request } = forwarding;
    reachOne(targets, (reached) => {
        if (request.socket.destroyed)
            return void reached?.socket.destroy();
        if (reached === null)
            return answerHere();
        try {
            exchange(forwarding, reached.socket, reached.others);
        }
        catch {
            // Node's client refused what Node's server took, for example a strange path.
            reached.socket.destroy();
            answerHere();
        }
    });
}
const forwarding = { forward };
module.exports = forwarding;
