"use strict";
// What the explorer shows of one model. Each function returns an element; `page` names the items.

const isAt = (row, step) => row.step === step;
const percent = (share) => `${share < 1e-5 ? "< 0.001" : Number((100 * share).toPrecision(2))} %`;

// Return the arrow of an item at a rank: where it was in the list before.
function moved(item, place, before) {
  if (!before) return "";
  const old = before.top.indexOf(item);
  const [sign, words] = old < 0 ? ["new", "new in this list"] : old > place ? [`▲${old - place}`, `up ${old - place}`]
    : old < place ? [`▼${place - old}`, `down ${place - old}`] : ["", "same place"];
  return sign && el("span", { class: "moved", title: words }, el("span", { "aria-hidden": "true" }, sign),
    el("span", { class: "unseen" }, words));
}

// The lists of every row side by side, the chosen step marked.
function listsPanel(page, name, { rows }, view) {
  const head = ["rank", ...rows.map((row) => row.name)];
  const places = Math.max(...rows.map((row) => row.top.length));
  return table(`${name}: top ${places} of every step`, head, Array.from({ length: places }, (_, place) => [
    String(place + 1),
    ...rows.map((row, index) => {
      if (place >= row.top.length) return "";
      const item = row.top[place], before = row.step === null ? null : rows[index - 1];
      return [moved(item, place, before), page.label(item), item === view.target ? el("strong", { class: "target" }, "target") : null,
        el("data", { class: "share", value: row.scores[item], title: `score ${row.scores[item].toPrecision(6)}` }, percent(row.shares[place]))];
    })]), [1 + rows.findIndex((row) => isAt(row, view.step))]);
}

// The target's rank, entropy and KL of every row; the weights of a gate.
function factsPanel(page, name, { rows }, view) {
  const gate = rows.some((row) => row.weight !== undefined);
  return table(`${name}: what each step says`, ["", ...rows.map((row) => row.name)], [
    ["target's rank", ...rows.map((row) => (row.rank === null ? "" : number(row.rank, row.rank % 1 ? 1 : 0)))],
    ["entropy (nats)", ...rows.map((row) => number(row.entropy))],
    ["effective number of items", ...rows.map((row) => number(Math.exp(row.entropy), 1))],
    ["KL from the step before (nats)", ...rows.map((row) => number(row.kl))],
    ["best item's probability", ...rows.map((row) => (row.shares.length ? number(row.shares[0]) : ""))],
    ["temperature", ...rows.map((row) => (gate && row.step === null ? "that of each step" : number(row.temperature)))],
    ...(gate ? [["weight in the mixture", ...rows.map((row) => number(row.weight))]] : []),
  ], [1 + rows.findIndex((row) => isAt(row, view.step))]);
}

// What a position holds: an item, or a step that was fed back.
const positionLabel = (page, items, place) => (place < items.length ? page.label(items[place])
  : `r_${place - items.length} fed back`);

// Return what step k attends to, by position, in one head of a block or as the mean of the heads.
function attentionOf(thought, k, layer, head) {
  const heads = thought.attention[k][layer];
  if (head >= 0) return heads[head];
  return heads[0].map((_, place) => heads.reduce((sum, own) => sum + own[place], 0) / heads.length);
}

// Attention of every step over the history and the earlier steps; the longest bar is the largest share.
function attentionPanel(page, name, model, thought, view) {
  const layer = Math.min(view.layer, model.layers - 1), head = Math.min(view.head, model.heads - 1);
  const shares = thought.states.map((_, k) => attentionOf(thought, k, layer, head));
  const places = shares.at(-1).length, streams = streamMarks(model).length;
  const note = model.everywhere ? "All items take the steps: a column shows what the last one sees of the items as they are " +
    "in that step. No step is fed back." : streams > 1 ? `Means over the ${streams} streams of each step.` : "";
  const most = Math.max(...shares.map((own) => Math.max(...own)));
  const shown = table(`${name}: attention in layer ${layer + 1}, ${head < 0 ? "mean of the heads" : `head ${head + 1}`}`,
    ["position", ...shares.map((_, k) => `r_${k}`)],
    Array.from({ length: places }, (_, place) => [[positionLabel(page, thought.items, place)],
      ...shares.map((own) => (place < own.length ? el("div", { class: "bar", style: `--share:${(own[place] / most).toFixed(4)}` },
        number(own[place])) : ""))]), [1 + view.step]);
  return note ? el("div", {}, el("p", {}, note), shown) : shown;
}

// The keys and values that the chosen step sees, and those that it added.
function cachePanel(page, name, model, thought, view) {
  const layer = Math.min(view.layer, model.layers - 1), T = thought.items.length;
  const { keys, values } = thought.caches[view.step][layer], used = Math.min(T + view.step, keys.length), grew = used > T;
  const size = (x) => number(Math.sqrt(dot(x, x)), 2);
  const some = (x) => Array.from(x.slice(0, 4), (value) => value.toFixed(2)).join("  ") + (x.length > 4 ? " ..." : "");
  const rows = Array.from({ length: used }, (_, place) => {
    const row = [String(place + 1), [positionLabel(page, thought.items, place)], size(keys[place]), size(values[place]),
      some(keys[place]), some(values[place])];
    row.class = !grew || place === used - 1 ? "new" : null;
    return row;
  });
  const streams = streamMarks(model).length;
  return el("div", {},
    el("p", {}, `After r_${view.step}: ${used} positions × ${model.layers} layers × 2 × ${model.width} = ` +
      `${(used * model.layers * 2 * model.width).toLocaleString("en")} numbers. ` +
      (grew ? "This step added the last row; it reads all others and computes none of them again."
        : view.step ? "All items took this step, so it computed all rows again, and the next step keeps none of them."
          : "Reading the history filled all rows.") + (streams > 1 ? ` Each of the ${streams} streams has a cache like ` +
      "this, with the same rows of items and with rows of its own steps; this is the first one's." : "")),
    table(`${name}: cache of layer ${layer + 1} at step ${view.step}`,
      ["row", "holds", "|key|", "|value|", "key", "value"], rows));
}

// The plane of items with the path of the states. Dots: items; squares: the history; numbers: r_0..r_K.
function mapPanel(page, name, model, thought, view) {
  const { width: D, map } = model, row = thought.rows.find((one) => isAt(one, view.step));
  const project = (x) => map.axes.map((axis) => axis.reduce((sum, value, i) => sum + value * (x[i] - map.mean[i]), 0));
  const V = model.compared.length / D, every = Math.ceil(V / 1500);
  const place = (item) => project(unit(rowOf(model.weights.item_embedding, item, D)));
  const dots = (model.dots ??= Array.from({ length: Math.ceil(V / every) }, (_, i) => place(i * every)));
  const path = thought.states.map((state) => project(unit(state)));
  const history = thought.items.map(place), top = row.top.slice(0, 5).map(place);
  const all = [...dots, ...path, ...history, ...top], range = (i) => {
    const values = all.map((point) => point[i]), low = Math.min(...values), high = Math.max(...values);
    return [low, high - low || 1];
  };
  const [x0, xs] = range(0), [y0, ys] = range(1);
  const x = (point) => (20 + (440 * (point[0] - x0)) / xs).toFixed(1), y = (point) => (300 - (280 * (point[1] - y0)) / ys).toFixed(1);
  const mark = (point, kind, text) => el("g", {}, kind === "history"
    ? el("rect", { class: kind, x: x(point) - 3, y: y(point) - 3, width: 6, height: 6 }, el("title", {}, text))
    : el("circle", { class: kind, cx: x(point), cy: y(point), r: kind === "target" ? 7 : 4 }, el("title", {}, text)));
  return el("figure", {},
    el("figcaption", {}, `${name}: map of the items, ${percent(map.share)} of the variance of their directions. ` +
      "Squares: history; filled: top 5 of this step; ring: target; line: r_0 to the last step."),
    el("svg", { viewBox: "0 0 480 320", role: "img", "data-name": `${name}: map`, class: "map",
      "aria-label": `${name}: two-dimensional map of the items with the path of the states` },
    el("path", { class: "dot", d: dots.map((point) => `M${x(point)} ${y(point)}h0`).join("") }),
    ...history.map((point, i) => mark(point, "history", page.text(thought.items[i]))),
    ...top.map((point, i) => mark(point, "top", page.text(row.top[i]))),
    view.target === null ? null : mark(place(view.target), "target", `target: ${page.text(view.target)}`),
    el("polyline", { class: "path", points: path.map((point) => `${x(point)},${y(point)}`).join(" ") }),
    ...path.map((point, k) => el("g", { class: k === view.step ? "state now" : "state" },
      el("circle", { cx: x(point), cy: y(point), r: 8 }), el("text", { x: x(point), y: +y(point) + 4, "text-anchor": "middle" }, String(k))))));
}

// Where a reader would stop, here and over the embedded users: NDCG@20 of stopping, of fixed depths, and of the oracles.
function haltPanel(page, name, model, thought, view, examples) {
  const stop = haltAt(thought.rows, 10 ** view.halt);
  const line = el("p", {}, `${name}: with a threshold of ${(10 ** view.halt).toPrecision(2)} nats, this history stops at step ${stop}.`);
  if (!examples) return line;
  const found = stopping(examples, 10 ** view.halt, model.null?.[view.keep ? "kept" : "excluded"]);
  const row = (what, one) => [what, number(one?.ndcg, 4), one?.step === undefined ? "" : number(one.step, 2)];
  return el("div", {}, line, table(`${name}: ${examples.length} users of this page, NDCG@20`, ["", "NDCG@20", "mean step"], [
    row("always step 0", found.first), row("always the last step", found.last),
    row(`best fixed depth: always step ${found.best.step}`, found.best), row("realised: stop at the threshold", found.realised),
    row("oracle: the best step, knows the target", found.oracle),
    row("null oracle: the best of as many dropout copies at K = 0", found.null)]),
  el("p", { class: "share-of-oracle" }, "(realised − best fixed depth) / (oracle − best fixed depth) = ",
    found.share === null ? "undefined: the oracle gains nothing here" : number(found.share, 3), "."));
}
