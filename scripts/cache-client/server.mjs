// A cache service for tests: both protocols of the client, one directory of entries, loopback only.
//
//   node server.mjs DIRECTORY TOKEN      prints its port; ends with its standard input
//
// v1 is what Forgejo and Gitea speak (reserve, PATCH by ranges, commit), v2 what GitHub speaks (twirp, then blobs as
// Azure's storage takes them: whole or by blocks). An entry is ENTRY.json (key, version, created) and ENTRY.tzst. Every request
// is a line of requests.log.
import { appendFileSync, createReadStream, existsSync, openSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync,
  writeSync, closeSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const [directory, token] = process.argv.slice(2)
const TWIRP = '/twirp/github.actions.results.api.v1.CacheService/'
const V1 = '/_apis/artifactcache/'
const uploads = new Map()
let next = 1

const entries = () =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ ...JSON.parse(readFileSync(join(directory, name), 'utf8')), name: name.slice(0, -5) }))

// The key itself, then each prefix in turn; of several the newest. An entry of version `*` was put there by hand.
function find(keys, version) {
  const fits = entries().filter((entry) => entry.version === version || entry.version === '*')
  fits.sort((a, b) => b.created - a.created)
  for (const [index, key] of keys.entries()) {
    const found = fits.find((entry) => (index === 0 ? entry.key === key : entry.key.startsWith(key)))
    if (found) return found
  }
  return undefined
}

const taken = ({ key, version }) => entries().some((entry) => entry.key === key && entry.version === version)

function reserve({ key, version }) {
  const id = String(next++)
  const file = join(directory, `${id}.uploading`)
  closeSync(openSync(file, 'w'))
  uploads.set(id, { key, version, file, blocks: new Map() })
  return id
}

function commit(id, size) {
  const { key, version, file } = uploads.get(id)
  if (statSync(file).size !== size) return false
  renameSync(file, join(directory, `${id}.tzst`))
  writeFileSync(join(directory, `${id}.json`), JSON.stringify({ key, version, created: Date.now() }))
  uploads.delete(id)
  return true
}

async function body(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

// A blob: PUT as a whole, or its blocks and then their list.
function blob(upload, url, content) {
  const id = url.searchParams.get('blockid')
  switch (url.searchParams.get('comp')) {
    case 'block':
      upload.blocks.set(id, content)
      break
    case 'blocklist': {
      const order = [...content.toString('utf8').matchAll(/<Latest>([^<]*)<\/Latest>/g)].map((found) => found[1])
      writeFileSync(upload.file, Buffer.concat(order.map((block) => upload.blocks.get(block))))
      break
    }
    default:
      writeFileSync(upload.file, content)
  }
}

async function answer(request, response) {
  const url = new URL(request.url, `http://${request.headers.host}`)
  const json = (status, value) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(value))
  }
  appendFileSync(join(directory, 'requests.log'), `${request.method} ${request.url}\n`)
  const content = await body(request)
  if (url.pathname.startsWith('/download/')) {
    // The address itself is the right to read it.
    const file = join(directory, `${url.pathname.split('/')[2].replaceAll(/[^\w-]/g, '')}.tzst`)
    if (!existsSync(file)) return json(404, {})
    response.writeHead(200, { 'content-length': statSync(file).size })
    return createReadStream(file).pipe(response)
  }
  if (url.pathname.startsWith('/account/upload/')) {
    blob(uploads.get(url.pathname.split('/')[3]), url, content)
    response.writeHead(201, { etag: '"1"', 'last-modified': new Date().toUTCString(), 'x-ms-request-id': '1' })
    return response.end()
  }
  if (request.headers.authorization !== `Bearer ${token}`) return json(401, { msg: 'wrong token' })
  const given = () => JSON.parse(content.toString('utf8'))
  const link = (entry) => `${url.origin}/download/${entry.name}`
  const route = `${request.method} ${url.pathname}`
  if (route === `POST ${TWIRP}CreateCacheEntry`) {
    if (taken(given())) return json(200, { ok: false, message: 'the key is taken' })
    return json(200, { ok: true, signed_upload_url: `${url.origin}/account/upload/${reserve(given())}?sig=1` })
  }
  if (route === `POST ${TWIRP}FinalizeCacheEntryUpload`) {
    const { key, version, size_bytes: size } = given()
    const [id] = [...uploads].find(([, upload]) => upload.key === key && upload.version === version)
    return json(200, { ok: commit(id, Number(size)), entry_id: id })
  }
  if (route === `POST ${TWIRP}GetCacheEntryDownloadURL`) {
    const { key, restore_keys: prefixes = [], version } = given()
    const entry = find([key, ...prefixes], version)
    return json(200, entry ? { ok: true, signed_download_url: link(entry), matched_key: entry.key } : { ok: false })
  }
  if (route === `GET ${V1}cache`) {
    const entry = find(url.searchParams.get('keys').split(','), url.searchParams.get('version'))
    if (entry) return json(200, { cacheKey: entry.key, archiveLocation: link(entry) })
    response.writeHead(204)
    return response.end()
  }
  if (route === `POST ${V1}caches`) {
    return taken(given()) ? json(409, { message: 'the key is taken' }) : json(201, { cacheId: Number(reserve(given())) })
  }
  const id = url.pathname.slice(`${V1}caches/`.length)
  if (url.pathname.startsWith(`${V1}caches/`) && uploads.has(id)) {
    if (request.method === 'PATCH') {
      const file = openSync(uploads.get(id).file, 'r+')
      writeSync(file, content, 0, content.length, Number(/^bytes (\d+)-/.exec(request.headers['content-range'])[1]))
      closeSync(file)
      response.writeHead(204)
      return response.end()
    }
    if (request.method === 'POST') return json(commit(id, given().size) ? 200 : 400, {})
  }
  return json(404, { message: `nothing at ${route}` })
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    response.writeHead(500, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ message: String(error) }))
  })
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
