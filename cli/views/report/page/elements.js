"use strict";
// Elements, and tables and pictures as files.

// Return an element. Texts become text nodes, so no title is ever read as HTML.
function el(name, attributes = {}, ...children) {
  const svg = ["svg", "g", "circle", "rect", "path", "polyline", "text", "title", "line"].includes(name);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

// Return a table in a box that scrolls. Head: texts. Rows: arrays of cells; the first of a row is its head.
function table(caption, head, rows, marked = []) {
  const cell = (name, value, attributes) => el(name, attributes, ...[value].flat());
  return el("div", {}, el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": caption },
    el("table", {}, el("caption", {}, caption),
      el("thead", {}, el("tr", {}, ...head.map((text, i) =>
        cell("th", text, { scope: "col", class: marked.includes(i) ? "marked" : null })))),
      el("tbody", {}, ...rows.map((row) => el("tr", { class: row.class }, ...row.map((value, i) =>
        i ? cell("td", value, { class: marked.includes(i) ? "marked" : null }) : cell("th", value, { scope: "row" }))))))));
}

const number = (value, digits = 3) => (value === null || value === undefined ? "" :
  el("data", { value }, value !== 0 && Math.abs(value) < 10 ** -digits ? value.toExponential(1) : value.toFixed(digits)));

function save(name, type, content) {
  const link = el("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// Return a table as CSV. No cell begins like a formula, unless it is a number.
function csv(element) {
  const text = (cell) => {
    const data = cell.querySelectorAll("data");
    const value = (data.length === 1 ? data[0].value : cell.textContent).replace(/\s+/g, " ").trim();
    const safe = /^[=+\-@]/.test(value) && !/^-?[0-9.]+(e-?[0-9]+)?$/.test(value) ? "'" + value : value;
    return '"' + safe.replaceAll('"', '""') + '"';
  };
  return [...element.rows].map((row) => [...row.cells].map(text).join(",")).join("\r\n") + "\r\n";
}

// Return a picture as a file of its own: in the colours of a light page.
function svgFile(element) {
  const copy = element.cloneNode(true);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.prepend(el("rect", { width: "100%", height: "100%", fill: "#fff" }));
  const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
  style.textContent = document.querySelector("style").textContent.replace(/@media[^]*?\} \}/g, "") + "svg{color:#1b1f24;font-family:sans-serif}";
  copy.prepend(style);
  return new XMLSerializer().serializeToString(copy);
}

// Give every table and picture below an element a button that saves it.
function addExports(root) {
  for (const found of root.querySelectorAll("table:not([data-saved]), svg[data-name]:not([data-saved])")) {
    found.dataset.saved = "";
    const isTable = found.tagName === "TABLE", name = isTable ? found.caption.textContent : found.dataset.name;
    const file = name.replace(/[^A-Za-z0-9]+/g, "-").slice(0, 60).replace(/^-|-$/g, "") + (isTable ? ".csv" : ".svg");
    const button = el("button", { type: "button", class: "save", "aria-label": `Save as ${isTable ? "CSV" : "SVG"}: ${name}`,
      onclick: () => save(file, isTable ? "text/csv" : "image/svg+xml", isTable ? csv(found) : svgFile(found)) },
    isTable ? "CSV" : "SVG");
    (isTable ? found.parentElement : found).after(button);
  }
}
