// Saves or restores as the cache steps of GitHub and Forgejo do, by their own client.
//
//   node client.mjs save KEY PATH
//   node client.mjs restore PATH KEY [PREFIX...]
//
// Where the service is and which protocol it speaks is in the environment, as on a runner. The last line of standard output
// is JSON: {"id":N}, or {"matched":KEY or null}.
import { restoreCache, saveCache } from '@actions/cache'

const [command, ...rest] = process.argv.slice(2)
let result
if (command === 'save') {
  const [key, path] = rest
  result = { id: await saveCache([path], key) }
} else if (command === 'restore') {
  const [path, key, ...prefixes] = rest
  result = { matched: (await restoreCache([path], key, prefixes)) ?? null }
} else {
  throw new Error(`unknown command: ${command}`)
}
console.log(`\n${JSON.stringify(result)}`)
