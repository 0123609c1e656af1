// What a browser must see in every report: see scripts/browser-test.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const { CHROMIUM, SHOTS } = process.env;
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });

// A page that fails the check at the first error, message or request.
const open = async (file, options = {}) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { wrong.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  const address = pathToFileURL(resolve(file)).href;
  page.on("request", (request) => { if (request.url() !== address) wrong.push(`request: ${request.url()}`); });
  await page.goto(address);
  return { page, context, quiet: () => assert.deepEqual(wrong, [], file) };
};

const column = (page, table, index) =>
  page.$$eval(`${table} tbody tr`, (rows, at) => rows.filter((row) => !row.hidden).map((row) => row.cells[at].innerText), index);

const sortAndFilter = async (page, table) => {
  const heads = await page.$$(`${table} thead button`);
  assert.ok(heads.length > 0, `${table} cannot be sorted`);
  const values = () => page.$$eval(`${table} tbody tr`, (rows) => rows.map((row) => row.cells[1].dataset.v).filter(Boolean).map(Number));
  const before = await values();
  const sorted = [...before].sort((a, b) => b - a);
  await heads[1].click();
  assert.deepEqual(await values(), sorted, "a click sorts, the largest first");
  assert.equal(await heads[1].evaluate((button) => button.parentElement.ariaSort), "descending");
  await heads[1].focus();
  await page.keyboard.press("Enter");
  assert.deepEqual(await values(), sorted.reverse(), "Enter sorts the other way");
  const [section] = table.split(" ");
  const filter = await page.$(`${section} input[type=search]`);
  const names = await column(page, table, 0);
  if (!filter) {
    assert.ok(names.length <= 8, "a long table can be filtered");
    return;
  }
  await filter.focus();
  await page.keyboard.type(names[0].slice(0, 40));
  const left = await column(page, table, 0);
  assert.ok(left.includes(names[0]) && left.length <= names.length, "the filter keeps what it names");
  await filter.fill("no such thing");
  assert.equal((await column(page, table, 0)).length, 0);
  assert.match(await page.$eval(`${section} [role=status]`, (status) => status.textContent), /^0 of \d+$/);
  await page.keyboard.press("Escape");
  assert.equal((await column(page, table, 0)).length, names.length, "Escape shows all again");
};

const details = async (page, shot) => {
  const first = await page.$("[data-example] button");
  if (!first) return;
  const isOpen = () => page.$eval("dialog", (dialog) => dialog.open);
  await first.focus();
  await page.keyboard.press("Enter");
  assert.ok(await isOpen(), "Enter opens the samples of an example");
  assert.ok((await page.$$("dialog tbody tr")).length > 0, "the samples are listed");
  await accessible(page, "dialog");
  await shot("details");
  await page.keyboard.press("Escape");
  assert.ok(!(await isOpen()), "Escape closes them");
  assert.ok(await first.evaluate((button) => button === document.activeElement), "the focus returns");
  await (await page.$("#examples tbody td")).click();
  assert.ok(await isOpen(), "a click opens them");
  await page.click("dialog .close");
  const chart = await page.$("[data-chart] svg");
  if (!chart) return;
  await chart.scrollIntoViewIfNeeded();
  const top = Number(await page.$eval("[data-chart]", (one) => one.dataset.top));
  const order = await page.$eval("[data-chart]", (one) => one.dataset.order.split(" ").map(Number));
  await chart.click({ position: { x: 300, y: top + 8 } });
  const shown = await page.$eval("dialog h2", (heading) => heading.textContent);
  const expected = await page.evaluate((index) => JSON.parse(document.getElementById("data").textContent).examples[index].name, order[0]);
  assert.equal(shown, expected.trim() === "" ? shown : expected, "a click on the chart opens its row");
  await page.keyboard.press("Escape");
};

// Whether every table that the report has a script for can be sorted by its first heading with the keyboard alone.
const allSort = async (page) => {
  for (const table of await page.$$("table[data-table]")) {
    const head = await table.$("thead button");
    // What is folded away is opened first, as a reader would.
    await table.evaluate((one) => { for (let at = one; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true; });
    await head.focus();
    await page.keyboard.press("Enter");
    const sorted = await head.evaluate((button) => button.parentElement.ariaSort);
    const caption = await table.evaluate((one) => one.caption.textContent);
    assert.match(sorted ?? "", /^(ascending|descending)$/, `${caption} cannot be sorted by keyboard`);
  }
};

// Pieces of text of one chart that lie on one another or leave it.
const overlaps = (page) => page.$$eval("figure svg", (charts) => charts.flatMap((chart) => {
  const frame = chart.getBoundingClientRect();
  const texts = Array.from(chart.querySelectorAll("text"), (text) => [text.textContent.trim(), text.getBoundingClientRect()]);
  const found = texts.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1).map(([text]) => `${text} is cut off`);
  texts.forEach(([one, a], index) => {
    for (const [other, b] of texts.slice(index + 1)) {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 1 && high > 4) found.push(`${one} / ${other}`);
    }
  });
  return found;
}));

const accessible = async (page, where) => {
  // The policy of the document allows no other script, so it is evaluated from outside.
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
  const bad = found.violations.map((one) => `${one.impact} ${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html).join(" ")}`);
  assert.deepEqual(bad, [], `axe-core, ${where}`);
};

const smooth = async (page) => page.evaluate(async () => {
  const frames = [];
  let last = performance.now();
  for (let y = 0; y < document.body.scrollHeight && frames.length < 60; y += 600) {
    scrollTo(0, y);
    await new Promise(requestAnimationFrame);
    frames.push(performance.now() - last);
    last = performance.now();
  }
  scrollTo(0, 0);
  return frames.sort((a, b) => a - b)[Math.floor(frames.length / 2)];
});

// What a report must have: nothing of it may go missing unseen.
const BESIDE = ["next", "history", "quota", "explain", "ablate", "verify"];
const SECTIONS = {
  beside: BESIDE,
  "hostile-beside": BESIDE,
  many: ["regimes", "next", "findings", "examples", "first", "distribution", "history", "job", "phases", "economics", "explain", "ablate", "verify", "evidence", "samples", "noise", "machine", "about"],
  "smallest-run": ["regimes", "evidence", "samples", "machine", "about"],
};

for (const file of process.argv.slice(2)) {
  const name = basename(file, ".html");
  const keep = (page) => async (what, fullPage = false) => {
    if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-${what}.png`), fullPage });
  };
  for (const colorScheme of ["light", "dark"]) {
    const { page, context, quiet } = await open(file, { colorScheme });
    await keep(page)(colorScheme, true);
    await accessible(page, colorScheme);
    if (colorScheme === "light") {
      const ids = await page.$$eval("section", (sections) => sections.map((section) => section.id));
      for (const id of SECTIONS[name] ?? []) assert.ok(ids.includes(id), `${name} has no section ${id}`);
      for (const table of ["#examples table", "#samples table"]) {
        if (await page.$(table)) await sortAndFilter(page, table);
      }
      await details(page, keep(page));
      await allSort(page);
      await accessible(page, "everything open");
      assert.deepEqual(await overlaps(page), [], "every text of a chart can be read");
      const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await background();
      await page.click("#theme");
      assert.notEqual(await background(), light, "the button changes the colours");
      await page.click("#theme");
      assert.equal(await background(), light);
      const opened = await page.evaluate(() => performance.getEntriesByType("navigation")[0].domComplete);
      console.log(`${name}: open after ${opened.toFixed(0)} ms; a frame takes ${(await smooth(page)).toFixed(1)} ms (median) while it scrolls`);
    }
    quiet();
    await context.close();
  }
  const narrow = await open(file, { viewport: { width: 380, height: 800 } });
  const [page, seen] = await narrow.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(page <= seen, `a narrow page does not scroll sideways: ${page} > ${seen}`);
  await keep(narrow.page)("narrow", true);
  narrow.quiet();
  await narrow.context.close();
  const still = await open(file, { javaScriptEnabled: false });
  assert.equal(await still.page.locator("figure svg[aria-hidden]").first().isVisible().catch(() => true), true);
  assert.equal(await still.page.locator("button").count(), 0, "without script there is no button that does nothing");
  still.quiet();
  await still.context.close();
  const printed = await open(file, { colorScheme: "dark" });
  await printed.page.emulateMedia({ media: "print" });
  assert.equal(await printed.page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
  if (SHOTS) await printed.page.pdf({ path: join(SHOTS, `${name}.pdf`) });
  await printed.context.close();
  console.log(`${name}: ok`);
}
await browser.close();
