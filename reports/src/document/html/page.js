// Sorting, filtering, the samples of an example, light and dark. Everything that is shown is in the document
// already; names only ever reach it as text.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  const data = JSON.parse(document.getElementById("data").textContent);
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const make = (name, properties = {}, ...children) => {
    const element = document.createElement(name);
    Object.assign(element, properties);
    element.append(...children);
    return element;
  };

  // Light and dark: the system's choice until the reader makes another.
  const kept = {
    get() { try { return localStorage.getItem("bench-theme"); } catch { return null; } },
    set(theme) { try { localStorage.setItem("bench-theme", theme); } catch { /* a file may have no store */ } },
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const theme = make("button", { id: "theme", type: "button" });
  const named = () => { theme.textContent = isDark() ? "Light colours" : "Dark colours"; };
  if (["light", "dark"].includes(kept.get())) root.dataset.theme = kept.get();
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    kept.set(root.dataset.theme);
    named();
  });
  dark.addEventListener("change", named);
  named();
  document.querySelector("nav").append(theme);

  // What scrolls can be reached by keyboard.
  const reachable = () => {
    for (const box of all(".scroll")) {
      if (box.scrollHeight > box.clientHeight || box.scrollWidth > box.clientWidth) {
        const caption = box.querySelector("caption");
        const heading = box.closest("section").querySelector("h2").textContent;
        box.tabIndex = 0;
        box.setAttribute("role", "region");
        box.setAttribute("aria-label", caption ? `${heading}: table ${caption.textContent}` : `${heading}: chart`);
      } else {
        for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
      }
    }
  };
  addEventListener("resize", reachable);
  for (const details of all("details")) details.addEventListener("toggle", reachable);

  // A cell by its number where it has one; what has none comes last, whatever the direction.
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
  };
  const numeric = (rows, column) => rows.some((row) => row.cells[column].dataset.v !== undefined);
  const words = new Intl.Collator("en", { numeric: true });
  const sort = (table, column, down) => {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows);
    const number = numeric(rows, column);
    const keyed = rows.map((row) => [key(row, column), row]);
    const sign = down ? -1 : 1;
    keyed.sort(([a], [b]) => {
      if (!number) return sign * words.compare(a, b);
      const [left, right] = [typeof a !== "number", typeof b !== "number"];
      return left || right ? left - right : sign * (a - b);
    });
    body.append(...keyed.map(([, row]) => row));
  };

  for (const table of all("table[data-table]")) {
    const heads = Array.from(table.tHead.rows[0].cells);
    const status = make("span");
    status.setAttribute("role", "status");
    heads.forEach((head, column) => {
      const button = make("button", { type: "button", textContent: head.textContent });
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        const down = now === null ? numeric(Array.from(table.tBodies[0].rows), column) : now === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort(table, column, down);
      });
    });
    const rows = Array.from(table.tBodies[0].rows);
    if (rows.length > 8) {
      const texts = rows.map((row) => row.textContent.toLowerCase());
      const filter = make("input", { type: "search", autocomplete: "off", spellcheck: false, placeholder: "Filter" });
      filter.setAttribute("aria-label", `Filter the table ${table.caption.textContent}`);
      const apply = () => {
        const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
        let count = 0;
        rows.forEach((row, index) => {
          const found = wanted.every((word) => texts[index].includes(word));
          row.hidden = !found;
          count += found;
        });
        status.textContent = wanted.length ? `${count} of ${rows.length}` : `${rows.length} rows`;
      };
      filter.addEventListener("input", apply);
      filter.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && filter.value) {
          filter.value = "";
          apply();
          event.preventDefault();
        }
      });
      apply();
      table.parentElement.before(make("div", { className: "tools" }, filter, status));
    }
  }

  // The samples of one example.
  const show = (us) => {
    const s = us / 1e6;
    if (s >= 99.95) return `${s.toFixed(0)} s`;
    if (s >= 9.995) return `${s.toFixed(1)} s`;
    if (s >= 0.0995) return `${s.toFixed(2)} s`;
    if (s >= 0.00995) return `${(s * 1e3).toFixed(0)} ms`;
    if (s >= 0.000995) return `${(s * 1e3).toFixed(1)} ms`;
    return `${us} \u00b5s`;
  };
  const median = (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  };
  const shape = (name, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
    return element;
  };
  const dialog = make("dialog");
  dialog.setAttribute("aria-labelledby", "dialog-title");
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  const open = (index) => {
    const example = data.examples[index];
    const taken = example.us
      .map((us, place) => ({ us, place, sample: data.samples[place], ended: example.ended?.[place] ?? "ok" }))
      .filter((one) => one.us !== null);
    const close = make("button", { type: "button", className: "close", textContent: "Close" });
    close.addEventListener("click", () => dialog.close());
    const several = new Set(taken.map((one) => one.sample.arm)).size > 1;
    const label = (one) => (several ? `${one.sample.regime} (${one.sample.arm})` : one.sample.regime);
    const positive = taken.filter((one) => one.us > 0).map((one) => Math.log(one.us));
    const low = Math.min(...positive);
    const range = Math.max(...positive) - low || 1;
    const groups = new Map();
    for (const one of taken) {
      if (!groups.has(label(one))) groups.set(label(one), []);
      groups.get(label(one)).push(one);
    }
    const strips = Array.from(groups, ([name, group]) => {
      const svg = shape("svg", { "aria-hidden": "true" });
      svg.append(shape("line", { x1: "0", x2: "100%", y1: "50%", y2: "50%" }));
      for (const one of group.filter((one) => one.us > 0)) {
        const x = 2 + (96 * (Math.log(one.us) - low)) / range;
        svg.append(shape("circle", { cx: `${x}%`, cy: "50%", r: "4.5", class: one.sample.regime }));
      }
      const good = group.filter((one) => one.ended === "ok").map((one) => one.us);
      return make("div", { className: "row" },
        make("span", { textContent: name }), svg,
        make("span", { textContent: good.length ? show(median(good)) : "-" }));
    });
    const body = make("tbody", {}, ...taken.map((one) => {
      const link = make("a", { href: `#sample-${one.place}`, textContent: one.sample.id });
      link.addEventListener("click", () => dialog.close());
      const time = make("td", { className: "n", textContent: show(one.us) });
      const sample = make("th", {}, link);
      sample.scope = "row";
      return make("tr", {}, sample,
        make("td", { className: "n", textContent: one.sample.block }),
        make("td", { textContent: one.sample.regime }),
        time,
        make("td", { textContent: one.ended }),
        make("td", { textContent: one.sample.outcome }));
    }));
    const head = make("tr", {}, ...["sample", "block", "regime", "time", "outcome", "outcome of the sample"].map((name, column) => {
      const cell = make("th", { textContent: name, className: [1, 3].includes(column) ? "n" : "" });
      cell.scope = "col";
      return cell;
    }));
    dialog.replaceChildren(
      close,
      make("h2", { id: "dialog-title", textContent: example.name }),
      make("p", { className: "lead", textContent: "One dot per sample on a logarithmic scale; the median is on the right." }),
      ...strips,
      make("h3", { textContent: "Samples" }),
      make("div", { className: "scroll" }, make("table", {}, make("thead", {}, head), body)));
    dialog.showModal();
    dialog.scrollTop = 0;
  };

  for (const name of all("[data-example]")) {
    const button = make("button", { type: "button" }, ...name.childNodes);
    button.setAttribute("aria-haspopup", "dialog");
    name.replaceChildren(button);
    const index = Number(name.dataset.example);
    name.closest("tr").addEventListener("click", (event) => {
      if (!event.target.closest("a")) open(index);
    });
  }
  for (const chart of all("[data-chart]")) {
    const svg = chart.querySelector("svg");
    if (!svg) continue;
    const order = chart.dataset.order.split(" ").map(Number);
    chart.classList.add("live");
    svg.addEventListener("click", (event) => {
      const box = svg.getBoundingClientRect();
      const y = ((event.clientY - box.top) * svg.viewBox.baseVal.height) / box.height;
      const row = Math.floor((y - Number(chart.dataset.top)) / Number(chart.dataset.row));
      if (row >= 0 && row < order.length) open(order[row]);
    });
  }

  reachable();
})();
