/** For whatever Node calls back: an error of the agent must not become an uncaught exception of the app. */
function guarded<Args extends unknown[]>(work: (...args: Args) => void, otherwise = () => {}) {
  return (...args: Args): void => {
    try {
      work(...args)
    } catch {
      otherwise()
    }
  }
}

const guarding = { guarded }
export type GuardModule = typeof guarding
module.exports = guarding
