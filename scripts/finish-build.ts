import { chmod } from 'node:fs/promises'

// npm makes a `bin` executable when it installs a package, not when the package builds itself.
await chmod(new URL('../dist/bin.js', import.meta.url), 0o755)
