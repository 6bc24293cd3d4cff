"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const FIRST_MS = 0.5;
const LAST_MS = 120_000;
const GROWTH = 1.25;
const LOG_GROWTH = Math.log(GROWTH);
/** Upper bounds in milliseconds, rounded so that they read well and are the same in every process. */
const le = [];
for (let bound = FIRST_MS; bound < LAST_MS; bound *= GROWTH)
    le.push(Number(bound.toPrecision(4)));
le.push(LAST_MS);
const boundAt = (index) => le[index] ?? Number.POSITIVE_INFINITY;
/** Index of the bucket; `le.length` is the one above all bounds. */
function bucketOf(ms) {
    if (ms <= FIRST_MS)
        return 0;
    // The logarithm guesses; the bounds are rounded, so the guess can be one off.
    let index = Math.min(le.length, Math.ceil(Math.log(ms / FIRST_MS) / LOG_GROWTH));
    while (ms > boundAt(index))
        index++;
    while (index > 0 && ms <= boundAt(index - 1))
        index--;
    return index;
}
const newCounts = () => new Array(le.length + 1).fill(0);
const latency = { le, bucketOf, newCounts };
module.exports = latency;
