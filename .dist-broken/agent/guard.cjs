"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
/** For whatever Node calls back: an error of the agent must not become an uncaught exception of the app. */
function guarded(work, otherwise = () => { }) {
    return (...args) => {
        try {
            work(...args);
        }
        catch {
            otherwise();
        }
    };
}
const guarding = { guarded };
module.exports = guarding;
