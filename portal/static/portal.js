// What pages do beyond plain HTML: leaving, drafts, counters. Everything works without this file, only less smoothly.
import { ExitThisPage } from "./vendor/govuk-frontend-6.6.0/exit-this-page.mjs";

const root = document.documentElement;
const all = (selector, within = document) => within.querySelectorAll(selector);
document.body.classList.add("govuk-frontend-supported");

/** Covers the page at once, ends the session and goes elsewhere in a way that Back does not undo. */
class Leave extends ExitThisPage {
  exitPage() {
    document.body.classList.add("govuk-exit-this-page-hide-content");
    document.title = "";
    window.onbeforeunload = null;
    failing.clear();
    navigator.sendBeacon(this.$button.href);
    window.location.replace(this.$root.dataset.leaveTo || this.$button.href);
  }
}

/** Forms whose last automatic save did not arrive. */
const failing = new Set();

function sayDraft(form, state, words) {
  const status = form.querySelector(".draft-status") ?? document.querySelector(".draft-status");
  if (!status) return;
  status.className = `draft-status draft-${state}`;
  status.querySelector("svg")?.remove();
  status.querySelector("[data-words]").textContent = words ?? status.dataset.failed;
}

function draftFailed(event) {
  const form = event.target.closest?.("[data-autosave]");
  if (!form) return;
  // What the server answered is no draft status; the form and the words in it stay as they are.
  if (event.detail?.ctx) event.detail.ctx.swap = "none";
  failing.add(form);
  sayDraft(form, "failed");
  // The words stay in the page; the next attempt is ours, so that nobody has to notice and press something.
  window.setTimeout(() => failing.has(form) && window.htmx?.trigger(form, "retry"), 8000);
}

document.addEventListener("htmx:response:error", draftFailed);
document.addEventListener("htmx:error", draftFailed);
document.addEventListener("htmx:after:request", (event) => {
  const form = event.target.closest?.("[data-autosave]");
  if (form && (event.detail?.ctx?.response?.status ?? 500) < 400) failing.delete(form);
});
document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden && event.target.matches?.("[data-poll]")) event.preventDefault();
});
// What is only asked beside a page, such as hints, is simply not there when it is refused. And the answer to somebody
// who was signed out meanwhile is a whole page, which belongs nowhere on this one.
document.addEventListener("htmx:before:response", (event) => {
  const { response } = event.detail.ctx;
  const isBeside = !event.target.closest?.("[data-autosave], [data-poll]");
  if (!response.raw.redirected && !(isBeside && response.status >= 400)) return;
  event.preventDefault();
  draftFailed(event);
});
window.addEventListener("beforeunload", (event) => {
  if (failing.size) event.preventDefault();
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  failing.delete(form);
  if (!form.matches("[data-autosave]")) return;
  // A save of our own that is still on its way must not look like another window's: what is sent waits for it.
  if (saving.has(form)) {
    event.preventDefault();
    saving.set(form, () => form.requestSubmit(event.submitter));
    window.setTimeout(() => saved(form), 3000);
    return;
  }
  form.dataset.sending = "";
});

/** Forms with an automatic save on its way, and what waits for its end. */
const saving = new Map();

function saved(form) {
  const then = saving.get(form);
  saving.delete(form);
  then?.();
}

document.addEventListener("htmx:before:request", (event) => {
  const form = event.target.closest?.("[data-autosave]");
  if (form?.dataset.sending !== undefined) event.preventDefault();
  else if (form) saving.set(form, saving.get(form) ?? null);
});
document.addEventListener("htmx:finally:request", (event) => {
  const form = event.target.closest?.("[data-autosave]");
  if (form) saved(form);
});

/** Whether a field holds something else than what the server sent. */
function isChanged(field) {
  if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
  // An input that is empty may only be one whose date or number this browser could not read.
  const isEmptyInput = field.value === "" && field.matches("input");
  if (!field.matches("select")) return field.value !== field.defaultValue && !isEmptyInput;
  const options = [...field.options];
  const anySent = options.some((each) => each.defaultSelected);
  return anySent ? options.some((each) => each.selected !== each.defaultSelected) : field.selectedIndex > 0;
}

// On a slow line people write before the scripts have come: those words are saved as soon as saving is possible.
document.addEventListener("htmx:after:init", ({ target: form }) => {
  if (!form.matches?.("[data-autosave]")) return;
  const fields = [...form.elements].filter((each) => each.matches("input, textarea, select"));
  if (fields.some(isChanged)) window.setTimeout(() => window.htmx.trigger(form, "retry"));
});

// A page kept alive by the browser may show what a session that has ended no longer may.
window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());

document.addEventListener("visibilitychange", () => {
  if (root.dataset.away === "hide") document.body.hidden = document.hidden;
});

for (const leave of all("[data-module=govuk-exit-this-page]")) new Leave(leave);

const summary = document.querySelector("[data-error-summary]");
summary?.focus();

const counters = all("[data-module=govuk-character-count]");
if (counters.length) {
  const { CharacterCount } = await import("./vendor/govuk-frontend-6.6.0/character-count.mjs");
  for (const counter of counters) new CharacterCount(counter);
}

const passwords = all("[data-module=govuk-password-input]");
if (passwords.length) {
  const { PasswordInput } = await import("./vendor/govuk-frontend-6.6.0/password-input.mjs");
  for (const password of passwords) new PasswordInput(password);
}

for (const button of all("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const lines = [...all("code", document.getElementById(button.dataset.copy))];
    await navigator.clipboard.writeText(lines.map((line) => line.textContent).join("\n"));
    button.querySelector("span").textContent = button.dataset.copied;
  });
}

for (const button of all("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const field of all("[data-shortcut]")) {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (typing || event.key !== field.dataset.shortcut || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.focus();
  });
}
