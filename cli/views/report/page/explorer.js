"use strict";
// The explorer: what is chosen, the controls, and the link that reopens it.

function startExplorer(root, embedded) {
  const { ids, titles, examples } = embedded, models = embedded.models.map(openModel);
  const numbers = new Map(ids.map((id, item) => [String(id), item]));
  const page = {
    text: (item) => (titles ? `${titles[item]} (${ids[item]})` : `item ${ids[item]}`),
    label: (item) => el("span", { class: "item" }, titles ? el("bdi", { title: titles[item] }, titles[item]) : null, el("small", {}, `${titles ? "" : "item "}${ids[item]}`)),
  };
  const first = examples[0] ?? { user: null, history: [0], target: null };
  const fresh = () => ({ model: 0, beside: models.length > 1 ? 1 : -1, user: first.user, history: first.history,
    target: first.target, step: models[0].steps, keep: false, temperature: null, alpha: null, halt: -2, layer: 0, head: -1 });
  let view = fresh();
  const exampleOf = (user) => examples.find((one) => one.user === user);
  const shown = () => [view.model, ...(view.beside >= 0 ? [view.beside] : [])];
  const most = () => Math.max(...shown().map((i) => models[i].steps));

  // The link holds what differs from a fresh view.
  function link() {
    const parts = new URLSearchParams(), own = exampleOf(view.user), usual = fresh();
    if (view.user !== null) parts.set("user", view.user);
    parts.set("step", view.step);
    if (!own || own.history.join() !== view.history.join()) view.history.forEach((item) => parts.append("history", ids[item]));
    for (const key of ["model", "beside", "keep", "temperature", "alpha", "halt", "layer", "head"])
      if (view[key] !== usual[key]) parts.set(key, Number(view[key]));
    return "#" + parts;
  }
  function open(hash) {
    const parts = new URLSearchParams(hash.slice(1)), own = exampleOf(parts.get("user"));
    if (![...parts.keys()].some((key) => ["user", "step", "history"].includes(key))) return false;
    view = fresh();
    if (own) Object.assign(view, { user: own.user, history: own.history, target: own.target });
    const given = parts.getAll("history").flatMap((id) => (numbers.has(id) ? id : id.split(" ")))
      .map((id) => numbers.get(id)).filter((item) => item !== undefined);
    if (given.length) view.history = given;
    for (const [key, low, high] of [["model", 0, models.length - 1], ["beside", -1, models.length - 1], ["step", 0, 20],
      ["temperature", 0.01, 10], ["alpha", 1, 10], ["halt", -5, 1], ["layer", 0, 999], ["head", -1, 999]]) {
      const value = parseFloat(parts.get(key));
      const whole = !["temperature", "alpha", "halt"].includes(key);
      if (Number.isFinite(value)) view[key] = Math.min(high, Math.max(low, whole ? Math.round(value) : value));
    }
    view.keep = parts.get("keep") === "1";
    return true;
  }

  function change(values) {
    Object.assign(view, values);
    draw();
  }
  const edit = (history) => history.length && change({ history });
  const pick = (user) => { const own = exampleOf(user); if (own) change({ user: own.user, history: own.history, target: own.target }); };

  const outputs = {}, readings = {}, controls = {};
  const out = (name) => (outputs[name] = el("div", { class: "pair", id: `panel-${name}` }));
  function field(label, input, key, after) {
    controls[key] = input;
    input.id = `choose-${key}`;
    return el("div", { class: "field" }, el("label", { for: input.id }, label), input, after);
  }
  const select = (key, options, read = Number) => el("select", { onchange: (event) => (key === "user" ? pick(event.target.value) : change({ [key]: read(event.target.value) })) },
    ...options.map(([value, text]) => el("option", { value }, text)));
  const said = (key) => (readings[key] = el("output", { for: `choose-${key}` }));
  const range = (key, low, high, by, read = Number) => el("input", { type: "range", min: low, max: high, step: by,
    oninput: (event) => change({ [key]: read(Number(event.target.value)) }) });
  const panel = (title, hint, ...children) => el("section", { class: "panel" }, el("h3", {}, title), hint ? el("p", { class: "hint" }, hint) : null, ...children);

  const named = models.map((model, i) => [i, model.name]);
  const search = el("input", { type: "search", autocomplete: "off", "aria-describedby": "found-count", oninput: () => find() });
  const found = el("ul", { class: "found", "aria-label": "Items found" }), count = el("p", { id: "found-count", role: "status", class: "hint" });
  let folded = null;
  function find() {
    const words = search.value.trim().toLowerCase();
    folded ??= titles?.map((title) => title.toLowerCase());
    const hits = [];
    if (words) for (let item = 0; item < ids.length && hits.length < 8; item++)
      if (String(ids[item]).toLowerCase().startsWith(words) || folded?.[item].includes(words)) hits.push(item);
    count.textContent = words ? (hits.length ? `First ${hits.length} matches` : "No item matches") : "";
    found.replaceChildren(...hits.map((item) => el("li", {}, el("button", { type: "button", "data-add": ids[item],
      onclick: () => edit([...view.history, item]) }, "Add ", page.label(item)))));
  }

  const stepButtons = () => el("span", {}, ...[[-1, "Previous step"], [1, "Next step"]].map(([by, text]) =>
    el("button", { type: "button", onclick: () => change({ step: Math.min(most(), Math.max(0, view.step + by)) }) }, text)));
  root.append(
    el("div", { class: "controls main", role: "group", "aria-label": "What to show" },
      field("Model", select("model", named), "model"),
      models.length > 1 ? field("Beside it", select("beside", [[-1, "nothing"], ...named]), "beside") : null,
      examples.length ? field("User", select("user", examples.map((one) => [one.user, `user ${one.user}`]), String), "user") : null,
      field("Reasoning step", range("step", 0, most(), 1), "step", [said("step"), stepButtons()]),
      field("Temperature", range("temperature", -2, 1, 0.05, (value) => 10 ** value), "temperature", said("temperature")),
      field("Alpha", range("alpha", 1, 10, 0.1), "alpha", said("alpha")),
      field("Items of the history in the lists", el("input", { type: "checkbox", onchange: (event) => change({ keep: event.target.checked }) }), "keep"),
      el("button", { type: "button", onclick: () => change({ temperature: null, alpha: null }) }, "Softmax as trained"),
      el("a", { class: "permalink", href: "#" }, "Link to this view")),
    panel("History", "Oldest first. Add, remove and reorder items.", field("Search items by id or title", search, "search"), count, found, out("history")),
    panel("Lists of every step", "▲ and ▼: places gained and lost since the step before. Probabilities come from the softmax.", out("lists"), out("facts")),
    panel("Attention", "What each state reads: the history, and the steps that were fed back.",
      el("div", { class: "controls" },
        field("Layer", select("layer", Array.from({ length: Math.max(1, ...models.map((model) => model.layers)) }, (_, i) => [i, String(i + 1)])), "layer"),
        field("Head", select("head", [[-1, "mean"], ...Array.from({ length: Math.max(1, ...models.map((model) => model.heads)) }, (_, i) => [i, String(i + 1)])]), "head")), out("attention")),
    panel("Cache", "Keys and values of every position that the chosen state reads.", stepButtons(), out("cache")),
    panel("Map", "", out("map")),
    panel("When to stop", "Stop at the first step whose distribution differs from the one before by less than the threshold (KL, nats).",
      el("div", { class: "controls" }, field("Threshold", range("halt", -5, 1, 0.1), "halt", said("halt")),
        examples.length ? el("button", { type: "button", id: "halt-all", onclick: () => haltAll() }, `Compute for all ${examples.length} histories of this page`) : null), out("halt")));

  let halting = false;
  const explained = new Map();  // by model: the rows of every example, without their scores
  const softmaxOf = (model) => ({ temperature: view.temperature ?? model.temperature, alpha: view.alpha ?? model.alpha });
  function haltAll() {
    halting = true;
    draw();
  }
  function rowsOfExamples(index) {
    const key = JSON.stringify([index, view.keep, softmaxOf(models[index])]);
    if (!explained.has(key)) explained.set(key, examples.map((one) => explain(models[index], one.history,
      { k: 1, target: one.target, keepSeen: view.keep, ...softmaxOf(models[index]) }).rows
      .filter((row) => row.step !== null).map(({ step, rank, kl }) => ({ step, rank, kl }))));
    return explained.get(key);
  }

  function historyEditor() {
    const swap = (i, j) => { const next = [...view.history]; [next[i], next[j]] = [next[j], next[i]]; edit(next); };
    const button = (key, label, text, act, off) => el("button", { type: "button", "data-key": key, "aria-label": label, disabled: off, onclick: act }, text);
    const own = exampleOf(view.user), last = view.history.length - 1;
    return el("div", {}, el("ol", { class: "history", tabindex: 0, "aria-label": "History, oldest first" }, ...view.history.map((item, i) => el("li", {}, page.label(item),
      el("span", { class: "buttons" },
        button(`up${i}`, `Move ${page.text(item).slice(0, 80)} earlier`, "↑", () => swap(i, i - 1), i === 0),
        button(`down${i}`, `Move ${page.text(item).slice(0, 80)} later`, "↓", () => swap(i, i + 1), i === last),
        button(`remove${i}`, `Remove ${page.text(item).slice(0, 80)}`, "×", () => edit(view.history.filter((_, j) => j !== i)), last === 0))))),
    el("p", {}, `${view.history.length} item${last ? "s" : ""}. `, view.target === null ? null : ["The user's next item, the target: ", page.label(view.target), ". "],
      own && own.history.join() !== view.history.join() ? button("undo", "Undo all edits of the history", "Undo edits", () => pick(view.user)) : null));
  }

  function draw() {
    const began = performance.now(), focused = document.activeElement?.dataset?.key;
    controls.step.max = most();
    view.step = Math.min(view.step, most());
    const panels = { history: [historyEditor()], lists: [], facts: [], attention: [], cache: [], map: [], halt: [] };
    for (const index of shown()) {
      const model = models[index], name = model.name, own = softmaxOf(model);
      const thought = explain(model, view.history, { k: 10, target: view.target, keepSeen: view.keep, ...own });
      const at = { ...view, step: Math.min(view.step, model.steps) };
      panels.lists.push(listsPanel(page, name, thought, at));
      panels.facts.push(factsPanel(page, name, thought, at));
      if (!model.neural) continue;
      panels.attention.push(attentionPanel(page, name, model, thought, at));
      panels.cache.push(cachePanel(page, name, model, thought, at));
      panels.map.push(mapPanel(page, name, model, thought, at));
      if (model.steps) panels.halt.push(haltPanel(page, name, model, thought, at, halting ? rowsOfExamples(index) : null));
    }
    for (const [name, made] of Object.entries(panels)) outputs[name].replaceChildren(...(made.length ? made : [el("p", {}, "This model has none.")]));
    for (const key of ["model", "beside", "user", "step", "halt", "layer", "head"]) if (controls[key]) controls[key].value = view[key];
    const shownSoftmax = softmaxOf(models[view.model]);
    controls.temperature.value = Math.log10(shownSoftmax.temperature);
    controls.alpha.value = shownSoftmax.alpha;
    controls.keep.checked = view.keep;
    readings.step.textContent = `r_${view.step}`;
    readings.temperature.textContent = view.temperature === null ? `${shownSoftmax.temperature} (as trained)` : view.temperature.toPrecision(3);
    readings.alpha.textContent = view.alpha === null ? `${shownSoftmax.alpha} (as trained)` : view.alpha.toFixed(1);
    readings.halt.textContent = (10 ** view.halt).toPrecision(2);
    root.querySelector(".permalink").href = link();
    try { history.replaceState(null, "", link()); } catch { /* a page without an address of its own */ }
    addExports(document);
    if (focused) root.querySelector(`[data-key="${focused}"]`)?.focus();
    root.dataset.milliseconds = (performance.now() - began).toFixed(1);
  }

  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  window.addEventListener("hashchange", () => open(location.hash) && draw());
  open(location.hash);
  draw();
  root.dataset.ready = "true";
  return { models, examples, ids };
}

const embedded = document.getElementById("embedded");
if (embedded) globalThis.report = startExplorer(document.getElementById("app"), JSON.parse(embedded.textContent));
