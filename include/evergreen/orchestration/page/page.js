"use strict";
const EVERY = 15000, SLICE = 50;
const $ = (id) => document.getElementById(id);
const shown = { text: "", limit: SLICE, query: "", at: 0, open: new Set() };

// Nothing is ever put in as markup: text stays text.
function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) if (value != null) node.setAttribute(name, value);
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return node;
}

const number = (n) => n.toLocaleString("en");
const time = (iso) => h("span", { class: "number" }, iso.slice(0, 16).replace("T", " ") + "Z");
const ago = (iso) => {
  const minutes = Math.max(0, (Date.now() - new Date(iso)) / 60000);
  const words = [[1440, "day"], [60, "hour"], [1, "minute"]].find(([size]) => minutes >= size);
  if (!words) return "just now";
  const count = Math.floor(minutes / words[0]);
  return `${count} ${words[1]}${count === 1 ? "" : "s"} ago`;
};

function fold(key, label, ...content) {
  const node = h("details", shown.open.has(key) ? { open: "" } : {}, h("summary", {}, label), content);
  node.addEventListener("toggle", () => shown.open[node.open ? "add" : "delete"](key));
  return node;
}

function reasons(key, all) {
  if (!all.length) return null;
  const mark = (passed) => passed === null ? ["·", "quiet", "not judged"]
    : passed ? ["+", "for", "for"] : ["−", "against", "against"];
  const lines = all.map((reason) => {
    const [sign, kind, said] = mark(reason.passed);
    return h("li", {}, h("span", { class: kind, title: said, "aria-label": said }, sign), h("span", {}, reason.text));
  });
  return fold(key, all.length === 1 ? "1 reason" : `${all.length} reasons`, h("ul", { class: "reasons" }, lines));
}

const pill = (text, kind) => h("span", { class: `pill ${kind}` }, text);
const dots = (...parts) => parts.filter(Boolean).flatMap((part, i) => i ? [" · ", part] : [part]);
const row = (name, ...content) => [h("dt", {}, name), h("dd", {}, content)];
const none = (text) => h("span", { class: "quiet" }, text);

const STATUS = { problem: ["problem", "bad"], held: ["on hold", "warn"], active: ["active", "good"], new: ["no release yet", "calm"] };
const VERDICT = { pass: ["passed", "good"], fail: ["failed", "bad"], not_enough_evidence: ["not enough evidence", "warn"] };

const RUN = { running: "running", waiting: "waits for an answer", done: "done", skipped: "nothing to do", failed: "failed" };

function rows(card) {
  const { data, active, rollout, look, decision, gate } = card;
  return [
    row("Data", data ? dots(h("b", {}, data.version), `${number(data.rows)} rows`,
      data.quarantine ? `${number(data.quarantine)} in quarantine` : null, h("span", { class: "number" }, "as of ", time(data.data_time)),
      data.restores ? `restores v${data.restores}` : null) : none("no dataset version yet")),
    row("Active", active ? [
      h("p", {}, dots(h("b", {}, `release ${active.release}`), `model ${active.model} (${active.candidate})`, `trained on v${active.dataset_version}`)),
      h("p", { class: "quiet" }, "since ", time(active.since), ` (${ago(active.activated)}): ${active.why}`),
    ] : none("no release yet")),
    rollout ? row("Rollout", `release ${rollout.release} has ${rollout.percent}% of the traffic`) : null,
    look ? row("Monitor", pill(look.violation ? "violation" : "calm", look.violation ? "warn" : "good"),
      ` v${look.dataset_version}, `, time(look.data_time), reasons(`${card.name}/look`, look.reasons)) : null,
    row("Retrain", decision ? [pill(decision.retrain ? "yes" : "no", decision.retrain ? "good" : "calm"),
      ` on v${decision.dataset_version}, `, time(decision.data_time),
      decision.answer ? h("p", {}, decision.answer) : null, reasons(`${card.name}/decision`, decision.reasons),
    ] : none("nothing decided yet")),
    row("Gate", gate ? [pill(...VERDICT[gate.verdict]), ` model ${gate.model} against ${gate.against}, `, time(gate.data_time),
      gate.approved === null ? null : gate.approved ? " · approved" : " · rejected",
      reasons(`${card.name}/gate`, gate.reasons)] : none("nothing judged yet")),
    row("Open", card.waiting.length ? [
      card.waiting.map((item) => h("p", {}, `${item.kind} ${item.subject}`, item.at_work ? none(" · at work") : null)),
      card.waiting_more ? none(`and ${number(card.waiting_more)} more`) : null] : none("nothing")),
    card.runs.length ? row("Runs", fold(`${card.name}/runs`, dots(card.runs.length === 1 ? "1 run" : `last ${card.runs.length} runs`,
      `${card.runs[0].kind} ${RUN[card.runs[0].state]}`),
      h("table", {}, card.runs.map((run) => h("tr", {},
        h("td", {}, time(run.began)), h("td", {}, `${run.kind} ${run.subject || ""}`), h("td", {}, pill(RUN[run.state], run.state === "failed" ? "bad" : run.state === "done" ? "good" : "calm")),
        h("td", {}, run.state === "running" && run.step ? `at ${run.step}` : `${Math.round(run.seconds)} s`), h("td", {}, `by ${run.asked_by}`),
        h("td", { class: "quiet" }, run.state === "failed" ? run.text || "" : "")))))) : null,
    card.activations.length ? row("History", fold(`${card.name}/history`,
      card.activations.length === 1 ? "1 activation" : `last ${card.activations.length} activations`,
      h("table", {}, card.activations.map((a) => h("tr", {},
        h("td", { class: "number" }, `${a.n}`), h("td", {}, `release ${a.release}`), h("td", {}, time(a.data_time)), h("td", {}, a.by ? `${a.why}, by ${a.by}` : a.why)))))) : null,
  ].filter(Boolean).flat();
}

function holds(card) {
  if (!card.holds.length) return null;
  const lines = card.holds.map((hold) => h("p", {}, h("b", {}, hold.what), ` is on hold: ${hold.reason}${hold.by ? `, by ${hold.by}` : ""}`));
  return h("div", { class: "box warn" }, lines, h("p", {}, "To go on: ", h("code", {}, card.holds[0].command)));
}

function alerts(card) {
  if (!card.alerts.length) return null;
  const lines = card.alerts.map((alert) => h("p", {}, h("b", {}, alert.kind === "late" ? "Late" : "Skipped"), ` ${alert.text}`));
  return h("div", { class: "box warn alerts", role: "status" }, lines);
}

function links(card) {
  const anchors = card.links.map((link) => leave(
    h("a", { href: link.url, rel: "noopener", target: link.new_tab ? "_blank" : null }, link.new_tab ? `${link.label} ↗` : link.label)));
  anchors.find((anchor) => anchor.target)?.classList.add("apart");
  return h("nav", { class: "links", "aria-label": `${card.name}: DAGs and tools` }, anchors);
}

// Airflow shows this page in a sandboxed frame that may neither leave itself nor open a tab: its window does it for us.
function leave(anchor) {
  anchor.addEventListener("click", (event) => {
    if (window.parent === window) return;
    event.preventDefault();
    const outside = parent.document.createElement("a");
    Object.assign(outside, { href: anchor.href, rel: "noopener", target: anchor.target });
    parent.document.body.append(outside);
    outside.click();
    outside.remove();
  });
  return anchor;
}

function article(card) {
  const [text, kind] = STATUS[card.status];
  return h("article", { class: "card", "data-use-case": card.name },
    h("div", { class: "head" }, h("h2", {}, card.name), pill(text, kind), h("span", { class: "space" }),
      card.owner ? h("span", { class: "quiet owner" }, card.owner) : null),
    card.title ? h("p", { class: "title quiet" }, card.title) : null,
    card.problems.length ? h("div", { class: "box bad" }, card.problems.map((problem) => h("p", {}, problem))) : null,
    alerts(card), holds(card), h("dl", {}, rows(card)), links(card));
}

function draw(page) {
  $("problems").replaceChildren(...(page.problems.length ? [h("div", { class: "box bad" }, page.problems.map((p) => h("p", {}, p)))] : []));
  $("cards").replaceChildren(...(page.cards.length ? page.cards.map(article)
    : [h("p", { class: "quiet" }, page.problems.length ? "" : shown.query ? "No use case has that in its name."
      : "No use case yet: add a folder with a use_case.yaml to include/use_cases.")]));
  $("count").textContent = page.total === 1 ? "1 use case" : `${number(page.total)} use cases`;
  $("more").hidden = page.cards.length >= page.total;
}

async function read() {
  const query = shown.query, cards = [];
  let page;
  do {
    const answer = await fetch(`api/state?${new URLSearchParams({ q: query, offset: cards.length, limit: SLICE })}`);
    if (!answer.ok) throw new Error(answer.status === 401 ? "You are logged out; reload the page to log in." : `The server answers ${answer.status}.`);
    page = await answer.json();
    cards.push(...page.cards);
  } while (page.cards.length && cards.length < Math.min(page.total, shown.limit));
  return { ...page, cards };
}

async function refresh() {
  const query = shown.query;
  try {
    const page = await read();
    if (query !== shown.query) return;
    const text = JSON.stringify(page);
    if (text !== shown.text) { shown.text = text; draw(page); }
    shown.at = Date.now();
    $("fresh").textContent = "";
  } catch (error) {
    $("fresh").textContent = `${error.message || error} ${shown.at ? `Shown as of ${ago(shown.at)}.` : ""}`;
  }
}

function theme() {
  let dark = matchMedia("(prefers-color-scheme: dark)").matches;
  try {
    if (window.parent !== window) dark = parent.document.documentElement.classList.contains("dark");
  } catch { /* not inside Airflow */ }
  document.documentElement.classList.toggle("dark", dark);
}

theme();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", theme);
try {
  new MutationObserver(theme).observe(parent.document.documentElement, { attributeFilter: ["class"] });
} catch { /* not inside Airflow */ }

let typing;
$("search").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => { shown.query = $("search").value.trim().toLowerCase(); shown.limit = SLICE; refresh(); }, 200);
});
$("more").addEventListener("click", () => { shown.limit += SLICE; refresh(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
setInterval(() => { if (!document.hidden) refresh(); }, EVERY);
refresh();
