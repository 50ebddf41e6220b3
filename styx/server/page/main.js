// The page: it listens to the server, draws what it hears, and does what keys and buttons say.

import * as charts from "./charts.js";
import * as detail from "./detail.js";
import { $, say } from "./dom.js";
import * as lists from "./lists.js";
import { events, setToken, token } from "./server.js";
import { learn, STATES, world } from "./world.js";

const THEMES = ["auto", "light", "dark"];
const dark = matchMedia("(prefers-color-scheme: dark)");
let minutes = 15;
let listening = new AbortController();

const show = (id) => (location.hash = `#/task/${id}`);
const hide = () => location.hash && history.pushState(null, "", location.pathname);

function drawAll() {
  lists.counts(choose);
  lists.tasks(show);
  lists.agents();
  lists.clusterList();
  charts.throughput();
  charts.cost();
  charts.timeline(minutes, show);
  detail.refresh();
}

function choose(state) {
  lists.wanted.state = lists.wanted.state === state ? null : state;
  drawAll();
}

function status(state, text) {
  $("#link").dataset.state = state;
  say($("#link"), text);
  const acts = token() && ["submit", "admin"].includes(world.role);
  say($("#open-token"), token() ? `${world.role} token` : "read only");
  $("#open-token").title = acts ? "This token may cancel tasks and try them again" : "With a token that may submit, tasks can be cancelled and tried again";
}

// Listen, and again after anything that breaks; a server that wants a token is asked again when there is one.
async function listen() {
  listening.abort();
  const own = (listening = new AbortController());
  for (let pause = 500; !own.signal.aborted; pause = Math.min(2 * pause, 10_000)) {
    let first = true;
    try {
      await events("/api/v1/live", own.signal, (change) => {
        if (change) learn(change, first);
        first = !change && first;
        pause = 500;
        status("live", "live");
        if (change) drawAll();
      });
    } catch (error) {
      if (own.signal.aborted) return;
      if (error.status === 401 || error.status === 403) {
        status("lost", "a token is wanted");
        askForToken(error.message);
        return;
      }
    }
    if (own.signal.aborted) return;
    status("lost", "the server does not answer; trying again");
    await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
  }
}

function askForToken(why) {
  say($("#token-why"), why || "Without a token this page only shows what there is.");
  $("#token-text").value = "";
  if (!$("#token").open) $("#token").showModal();
  $("#token-text").focus();
}

function useToken(text) {
  setToken(text.trim());
  $("#token").close();
  listen();
}

function theme(next) {
  const chosen = next ? THEMES[(THEMES.indexOf(localStorage.getItem("styx-theme") || "auto") + 1) % 3] : localStorage.getItem("styx-theme") || "auto";
  localStorage.setItem("styx-theme", chosen);
  document.documentElement.dataset.theme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
  say($("#theme"), chosen[0].toUpperCase() + chosen.slice(1));
}

const KEYS = {
  j: () => lists.move(1), k: () => lists.move(-1), ArrowDown: () => lists.move(1), ArrowUp: () => lists.move(-1),
  "/": () => $("#search").focus(), t: () => theme(true), "?": () => $("#keys").showModal(),
  0: () => choose(lists.wanted.state), ...Object.fromEntries(STATES.map((state, place) => [place + 1, () => choose(state)])),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const inside = { c: detail.cancel, r: detail.retry, t: KEYS.t };
  const chosen = detail.isOpen() ? inside[event.key] : $("dialog[open]") ? null : KEYS[event.key];
  if (!chosen || (event.key.startsWith("Arrow") && !event.target.closest("tbody"))) return;
  event.preventDefault();
  chosen();
}

function route() {
  const id = /^#\/task\/([0-9a-z]{8,40})$/.exec(location.hash)?.[1];
  if (id && !detail.isOpen(id)) detail.open(id);
  else if (!id) detail.close();
}

for (const box of document.querySelectorAll("dialog")) {
  $(".close", box).addEventListener("click", () => box.close());
  box.addEventListener("click", (event) => {
    const edge = box.getBoundingClientRect();
    const beside = event.clientX < edge.left || event.clientX > edge.right || event.clientY < edge.top || event.clientY > edge.bottom;
    if (event.target === box && beside) box.close();
  });
}
$("#detail").addEventListener("close", () => {
  if ($("#detail").open) return; // another task was opened meanwhile
  detail.close();
  hide();
});
$("#search").addEventListener("input", (event) => {
  lists.wanted.text = event.target.value;
  lists.tasks(show);
});
$("#timeline .choice").addEventListener("click", (event) => {
  if (!event.target.dataset.minutes) return;
  minutes = Number(event.target.dataset.minutes);
  for (const button of event.currentTarget.children) button.setAttribute("aria-pressed", String(button === event.target));
  charts.timeline(minutes, show);
});
$("#open-token").addEventListener("click", () => askForToken(""));
$("#token-use").addEventListener("click", () => useToken($("#token-text").value));
$("#token-text").addEventListener("keydown", (event) => event.key === "Enter" && useToken($("#token-text").value));
$("#token-drop").addEventListener("click", () => useToken(""));
$("#open-keys").addEventListener("click", () => $("#keys").showModal());
$("#theme").addEventListener("click", () => theme(true));
dark.addEventListener("change", () => theme(false));
document.addEventListener("keydown", onKey);
addEventListener("hashchange", route);
addEventListener("resize", drawAll);
setInterval(() => document.hidden || !world.agents || drawAll(), 1000);

theme(false);
route();
listen();
