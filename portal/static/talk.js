// A talk while both look on: looks for what is new, leaves alone what somebody types, counts the time, chimes softly.
// Without this file the page is the same; it says "until 20:15", and is looked at again by loading it.

const all = (selector, within = document) => within.querySelectorAll(selector);
const one = (id) => document.getElementById(id);
const form = one("turn");
const field = () => form.querySelector("textarea, input[name=said]");
const live = () => one("talk-live");

/**
 * Milliseconds between looks: short while something is awaited, long while somebody writes, since what they type is
 * saved meanwhile and the answer says whether anything is new; longest when nothing happens at all.
 */
const PACE = { listen: 2800, first: 2800, topic: 2800, write: 15000, confirm: 15000, rest: 6000 };
const IDLE_AFTER = 15 * 60 * 1000;
const IDLE_PACE = 15000;

let waiting = 0;
let missed = 0;
let changedAt = performance.now();

function lookLater() {
  window.clearTimeout(waiting);
  const here = live();
  if (!here?.matches("[data-poll]")) return;
  const idle = performance.now() - changedAt > IDLE_AFTER;
  const pace = idle ? IDLE_PACE : (PACE[here.dataset.state] ?? IDLE_PACE);
  waiting = window.setTimeout(look, pace * 2 ** Math.min(missed, 4));
}

function look() {
  if (!document.hidden) window.htmx?.trigger(live(), "look");
  lookLater();
}

document.addEventListener("visibilitychange", () => document.hidden || look());

/** Whether an event is about a look for what is new, and not about a draft or a hint. */
const isLook = (event) => event.detail?.ctx?.request?.action?.includes("/turns/now") ?? false;

function lookFailed(event) {
  if (!isLook(event)) return;
  missed += 1;
  event.detail.ctx.swap = "none";
}

document.addEventListener("htmx:response:error", lookFailed);
document.addEventListener("htmx:error", lookFailed);
document.addEventListener("htmx:after:request", (event) => {
  if (isLook(event) && event.detail.ctx.response.status < 400) missed = 0;
});

document.addEventListener("htmx:before:response", (event) => {
  if (!isLook(event) || !event.detail.ctx.response.raw.redirected) return;
  // Signed out meanwhile. Words in the field stay where they are; without any, the page itself says so.
  event.preventDefault();
  live().removeAttribute("data-poll");
  window.clearTimeout(waiting);
  if (!field()?.value.trim()) window.location.reload();
});

/** What was being typed when its field had to make room for another. */
let carried = null;

document.addEventListener("htmx:before:swap", (event) => {
  if (!isLook(event)) return;
  const leaves = event.detail.tasks.some(({ target }) => target === "#talk-writing" || target?.id === "talk-writing");
  const typed = field()?.value ?? "";
  carried = leaves && typed.trim() ? { typed, form: new FormData(form) } : null;
});

document.addEventListener("htmx:after:swap", (event) => {
  if (!isLook(event)) return;
  if (carried) keepCarried(carried);
  carried = null;
  changedAt = performance.now();
  arrive();
  lookLater();
});

/** Shows words whose field is gone, unless they stand on the page already, and has them kept. */
function keepCarried({ typed, form: fields }) {
  const shown = [...all("#talk-unsent textarea, #turn textarea, #turn input[name=said]")];
  if (shown.some((each) => each.value.trim() === typed.trim())) return;
  one("talk-unsent").hidden = false;
  one("talk-carried").hidden = false;
  one("unsent-now").value = typed;
  const address = new URL(form.action);
  address.pathname += "/draft";
  fetch(address, { method: "POST", body: fields, keepalive: true }).catch(() => {});
}

let heading = live()?.dataset.heading;
let state = live()?.dataset.state;

/** Makes what was just put into the page work, and says what changed: in words, and softly if that is wanted. */
function arrive() {
  const here = live();
  if (here && here.dataset.heading !== heading) {
    heading = here.dataset.heading;
    one("talk-said").textContent = heading;
  }
  const wasTheirs = state === "listen" || state === "rest";
  if (here && here.dataset.state !== state) {
    state = here.dataset.state;
    if (wasTheirs && (state === "write" || state === "confirm")) chime();
  }
  offerStarters();
  offerChime();
  count();
}

function offerStarters() {
  for (const each of all("li[data-starter]:not(:has(button))")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "starter";
    button.textContent = each.textContent;
    button.addEventListener("click", () => begin(each.dataset.starter));
    each.replaceChildren(button);
  }
}

function begin(words) {
  const box = field();
  if (!box) return;
  const before = box.value.trim() ? `${box.value.trimEnd()}\n` : "";
  box.value = `${before}${words} `;
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

// --- The time. The server says how much is left; this only counts it down. ---

const ends = new WeakMap();

function count() {
  const clock = one("talk-clock");
  if (!clock?.matches("[data-running]")) return;
  const first = !ends.has(clock);
  if (first) ends.set(clock, performance.now() + Number(clock.dataset.left) * 1000);
  const left = Math.max(0, (ends.get(clock) - performance.now()) / 1000);
  const seconds = Math.ceil(left);
  const [plain, counting, up] = ["data-plain", "data-counting", "data-up"].map((name) => clock.querySelector(`[${name}]`));
  plain.hidden = true;
  counting.hidden = seconds === 0;
  up.hidden = seconds > 0;
  clock.querySelector("[data-minutes]").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const ring = clock.querySelector(".talk-ring-left");
  const whole = Number(ring.getAttribute("stroke-dasharray"));
  ring.setAttribute("stroke-dashoffset", String(whole * (1 - left / Number(clock.dataset.total))));
  if (seconds > 0) return;
  clock.removeAttribute("data-running");
  if (!first) chime();
}

window.setInterval(count, 1000);

// --- The chime: two soft tones, off until somebody turns it on. It is kept nowhere but in the page's address. ---

let sounding = new URLSearchParams(window.location.search).get("sound") === "on";
let audio = null;

function chime() {
  if (!sounding) return;
  audio ??= new AudioContext();
  audio.resume().then(() => [523.25, 783.99].forEach((pitch, place) => tone(pitch, audio.currentTime + place * 0.35))).catch(() => {});
}

function tone(pitch, at) {
  const swing = audio.createOscillator();
  const loudness = audio.createGain();
  swing.frequency.value = pitch;
  loudness.gain.setValueAtTime(0, at);
  loudness.gain.linearRampToValueAtTime(0.12, at + 0.05);
  loudness.gain.exponentialRampToValueAtTime(0.0001, at + 1.4);
  swing.connect(loudness).connect(audio.destination);
  swing.start(at);
  swing.stop(at + 1.5);
}

function offerChime() {
  const button = one("talk-chime");
  if (!button || !("AudioContext" in window)) return;
  button.hidden = false;
  button.setAttribute("aria-pressed", String(sounding));
  button.textContent = sounding ? button.dataset.on : button.dataset.off;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("#talk-chime")) return;
  sounding = !sounding;
  offerChime();
  chime();
});

document.addEventListener("submit", (event) => {
  if (!sounding || event.target.elements.sound) return;
  const mark = document.createElement("input");
  Object.assign(mark, { type: "hidden", name: "sound", value: "on" });
  event.target.append(mark);
});

arrive();
lookLater();
