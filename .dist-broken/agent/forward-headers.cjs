"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const { FORWARDED } = require('./private-socket.cjs');
/** They belong to one connection, and a forwarded message is on two. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection']);
/** Methods whose request Node's client sends without a body unless a header says otherwise. */
const BODYLESS = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);
/** Flat name, value list in, the same out, in the same order and spelling. */
function without(raw, isDropped) {
    const kept = [];
    for (let i = 0; i + 1 < raw.length; i += 2) {
        const name = raw[i] ?? '';
        if (!isDropped(name.toLowerCase()))
            kept.push(name, raw[i + 1] ?? '');
    }
    return kept;
}
const hasBody = ({ headers }) => headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
/** `expectAnswered`: 100 Continue is already on its way to the client. */
function toTarget(request, client, expectAnswered) {
    const headers = without(request.rawHeaders, (name) => HOP_BY_HOP.has(name) || name === FORWARDED || (expectAnswered && name === 'expect'));
    const { headers: read, method = 'GET' } = request;
    const saysLength = read['transfer-encoding'] !== undefined || read['content-length'] !== undefined;
    // Else Node would send an empty chunked body.
    if (!saysLength && !BODYLESS.has(method))
        headers.push('Content-Length', '0');
    headers.push('Connection', 'close', FORWARDED, client);
    return headers;
}
/** An HTTP/1.0 client gets no chunks; for it Node ends the body with the connection. */
function toClient(rawHeaders, httpVersion) {
    const noChunks = httpVersion === '1.0';
    return without(rawHeaders, (name) => HOP_BY_HOP.has(name) || (noChunks && (name === 'transfer-encoding' || name === 'trailer')));
}
/** The head of an upgrade request, to be sent as it came. */
function rawHead(request, client) {
    const headers = without(request.rawHeaders, (name) => name === FORWARDED);
    const lines = [`${request.method} ${request.url} HTTP/1.1`];
    for (let i = 0; i < headers.length; i += 2)
        lines.push(`${headers[i]}: ${headers[i + 1]}`);
    return `${lines.join('\r\n')}\r\n${FORWARDED}: ${client}\r\n\r\n`;
}
function pairs(raw) {
    const list = [];
    for (let i = 0; i + 1 < raw.length; i += 2)
        list.push([raw[i] ?? '', raw[i + 1] ?? '']);
    return list;
}
const forwardHeaders = { hasBody, pairs, rawHead, toClient, toTarget };
module.exports = forwardHeaders;
