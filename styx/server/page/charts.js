// Three drawings, made anew each time: tasks that ended, what agents did, what clusters cost.

import { $, draw, say } from "./dom.js";
import { duration, many, short, usd } from "./words.js";
import { clusters, now, state, took, world } from "./world.js";

const LANES = 14;
const ROW = 16;

// Return the drawing's width in pixels, after giving it a height.
function sized(svg, height) {
  const width = Math.max(200, svg.clientWidth || svg.parentElement.clientWidth);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("height", height);
  return width;
}

function rounded(most) {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= most) || 10;
}

export function throughput() {
  const svg = $("#throughput svg");
  const height = 130, low = height - 18, left = 34, width = sized(svg, height);
  const last = Math.floor(now() / 60);
  const byMinute = new Map(world.minutes.map((one) => [one.minute, one]));
  const shown = Array.from({ length: 60 }, (_, place) => byMinute.get(last - 59 + place) || { succeeded: 0, other: 0 });
  const top = rounded(Math.max(...shown.map((one) => one.succeeded + one.other)));
  const step = (width - left) / 60;
  const tall = (count) => (count / top) * (low - 8);
  const parts = [0, 0.5, 1].flatMap((share) => [
    draw("line", { class: "grid", x1: left, x2: width, y1: low - tall(share * top), y2: low - tall(share * top) }),
    draw("text", { x: left - 6, y: low - tall(share * top) + 4, "text-anchor": "end" }, top * share % 1 ? "" : `${top * share}`),
  ]);
  shown.forEach(({ succeeded, other }, place) => {
    const x = left + place * step + 1, wide = Math.max(1, step - 2), good = tall(succeeded), bad = tall(other);
    const bars = [];
    if (succeeded) bars.push(draw("rect", { class: "mark succeeded", x, width: wide, y: low - good, height: good, rx: 1.5 }));
    if (other) bars.push(draw("rect", { class: "mark failed", x, width: wide, y: low - good - bad, height: bad, rx: 1.5 }));
    const told = `${many(59 - place, "minute")} ago: ${succeeded} succeeded, ${other} others`;
    if (bars.length) parts.push(draw("g", {}, draw("title", {}, told), ...bars));
  });
  for (const minutes of width < 420 ? [60, 30, 0] : [60, 45, 30, 15, 0]) {
    const x = left + (60 - minutes) * step;
    const anchor = minutes ? (minutes === 60 ? "start" : "middle") : "end";
    parts.push(draw("text", { x, y: height - 3, "text-anchor": anchor }, minutes ? `−${minutes} min` : "now"));
  }
  svg.replaceChildren(...parts);
  const hour = shown.reduce((sum, one) => sum + one.succeeded + one.other, 0);
  const recent = shown.slice(-5).reduce((sum, one) => sum + one.succeeded + one.other, 0) / 5;
  say($("#throughput output"), `${recent.toFixed(recent < 10 ? 1 : 0)} a minute, ${hour} in the hour`);
}

export function cost() {
  const svg = $("#cost svg");
  const all = clusters().filter((one) => one.status !== "destroyed" && one.status !== "planned");
  const priced = all.filter((one) => one.hourly_usd !== null).sort((one, other) => other.hourly_usd - one.hourly_usd);
  const shown = priced.slice(0, 6);
  const width = sized(svg, 130), top = Math.max(0.01, ...shown.map((one) => one.hourly_usd));
  const names = Math.min(150, width * 0.34), end = 66;
  const parts = shown.map((one, place) => {
    const y = 4 + place * 21, long = Math.max(2, (one.hourly_usd / top) * (width - names - end));
    const spent = one.hourly_usd * Math.max(0, now() - Date.parse(one.since) / 1000) / 3600;
    return draw("g", {},
      draw("title", {}, `${one.name} on ${one.where}: ${usd(one.hourly_usd)} an hour, ${usd(spent)} since it was made`),
      draw("text", { class: "strong", x: 0, y: y + 12 }, clipped(one.name, names / 7)),
      draw("rect", { class: "mark running", x: names, y, width: long, height: 15, rx: 4 }),
      draw("text", { x: names + long + 6, y: y + 12 }, `${usd(one.hourly_usd)}/h`));
  });
  if (!shown.length) parts.push(draw("text", { x: 0, y: 24 }, "no cluster that costs anything"));
  svg.replaceChildren(...parts);
  const sum = priced.reduce((total, one) => total + one.hourly_usd, 0);
  const spent = priced.reduce((total, one) => total + one.hourly_usd * Math.max(0, now() - Date.parse(one.since) / 1000) / 3600, 0);
  say($("#cost output"), `${usd(sum)} an hour`);
  const unknown = all.length - priced.length;
  const more = priced.length > shown.length ? `; ${many(priced.length - shown.length, "more cluster")}` : "";
  say($("#cost-note"), `${usd(spent)} since those that stand were made${more}${unknown ? `; ${unknown} without a known price` : ""}`);
}

const clipped = (text, letters) => (text.length > letters ? `${text.slice(0, Math.max(1, letters - 1))}…` : text);

// Return lanes: for each agent its tasks in as many rows as it ran at once.
function lanes(begin) {
  const byAgent = new Map();
  const ran = [...world.tasks.values()].filter((task) => task.agent && took(task) !== null && (task.finished ?? now()) >= begin);
  for (const task of ran.sort((one, other) => one.claimed - other.claimed)) {
    const rows = byAgent.get(task.agent) || byAgent.set(task.agent, []).get(task.agent);
    const free = rows.find((row) => (row.at(-1).finished ?? Infinity) <= task.claimed);
    if (free) free.push(task);
    else rows.push([task]);
  }
  return [...byAgent].sort(([one], [other]) => (one < other ? -1 : 1));
}

export function timeline(minutes, open) {
  const svg = $("#timeline svg");
  const end = now(), begin = end - minutes * 60, all = lanes(begin);
  let used = 0;
  const shown = all.filter(([, rows]) => (used += rows.length) <= LANES);
  const count = shown.reduce((sum, [, rows]) => sum + rows.length, 0);
  const height = Math.max(1, count) * ROW + 26, left = Math.min(150, window.innerWidth * 0.24), width = sized(svg, height);
  const place = (moment) => left + Math.max(0, (moment - begin) / (end - begin)) * (width - left);
  const parts = [];
  const ticks = width < 420 ? 2 : 5;
  for (let tick = 0; tick <= ticks; tick += 1) {
    const x = left + (tick / ticks) * (width - left), anchor = tick === ticks ? "end" : "middle";
    parts.push(draw("line", { class: "grid", x1: x, x2: x, y1: 0, y2: height - 18 }),
      draw("text", { x, y: height - 3, "text-anchor": anchor }, tick === ticks ? "now" : `−${short(Math.round((minutes * 60 * (ticks - tick)) / ticks))}`));
  }
  let y = 0;
  for (const [agent, rows] of shown) {
    parts.push(draw("text", { class: "strong", x: 0, y: y + 12 }, draw("title", {}, agent), clipped(agent, left / 7.2)));
    for (const row of rows) {
      for (const task of row) {
        const x = place(task.claimed), wide = Math.max(2, place(task.finished ?? end) - x - 0.5);
        parts.push(draw("rect", { class: `mark press ${task.state}`, x, y: y + 2, width: wide, height: ROW - 4, rx: 3, click: () => open(task.id) },
          draw("title", {}, `${task.what}: ${state(task)}, ${duration(took(task))}`)));
      }
      y += ROW;
    }
  }
  if (!shown.length) parts.push(draw("text", { class: "strong", x: left + 8, y: 13 }, "nothing ran in this time"));
  if (all.length > shown.length) parts.push(draw("text", { x: 0, y: height - 3 }, `and ${many(all.length - shown.length, "agent")}`));
  svg.replaceChildren(...parts);
}
