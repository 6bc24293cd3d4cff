import { realWorld } from './real-world.ts'

const argv = process.argv.slice(2)
const world = realWorld()
// Before the program is even loaded: under a release that eats the processor, loading is half of the way back.
if (argv[0] === 'rollback') world.hurry()
void import('./main.ts').then(async ({ main }) => {
  process.exitCode = await main(argv, world)
})
