/**
 * Times as people read them, in the reader's own zone and language, and kept
 * fresh: "3 min ago" grows older by itself.
 */

import { h } from "./dom.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const clockWithSeconds = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

/** A time of day such as 14:02. */
function timeOfDay(date) {
  return clock.format(date);
}

/** `today`, `yesterday`, `tomorrow`, or the date. */
export function day(date, options = { dateStyle: "long" }) {
  const days = Math.round((startOfDay(new Date()) - startOfDay(date)) / 86_400_000);
  if (days === 0) return "today";
  if (days === 1) return "yesterday";
  if (days === -1) return "tomorrow";
  return new Intl.DateTimeFormat(undefined, options).format(date);
}

function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** `just now`, `3 min ago`, `2 h ago`, `yesterday`, `4 days ago`. */
function ago(date, now = new Date()) {
  const minutes = Math.floor((now - date) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.floor(hours / 24);
  if (days === 1) return "yesterday";
  if (days < 60) return `${days} days ago`;
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(date);
}

/**
 * A `<time>` that says how long ago it was and keeps saying it right.
 *
 * @param {string} iso
 */
export function agoElement(iso) {
  const date = new Date(iso);
  return h("time", { datetime: iso, title: whole.format(date), "data-ago": true }, ago(date));
}

/** A `<time>` with the time of day, and the whole date as its title. */
export function clockElement(date) {
  return h("time", { datetime: date.toISOString(), title: whole.format(date) }, timeOfDay(date));
}

setInterval(() => {
  for (const element of document.querySelectorAll("time[data-ago]")) {
    const text = ago(new Date(element.dateTime));
    if (element.textContent !== text) element.textContent = text;
  }
}, 20_000);

const DATE_FORMATS = {
  date_num: (date) => date.toLocaleDateString("sv-SE"),
  date: (date) => new Intl.DateTimeFormat(undefined, { dateStyle: "long" }).format(date),
  date_short: (date) => new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(date),
  date_long: (date) => new Intl.DateTimeFormat(undefined, { dateStyle: "full" }).format(date),
  date_pretty: (date) => day(date, { dateStyle: "long" }),
  date_short_pretty: (date) => day(date, { dateStyle: "medium" }),
  date_long_pretty: (date) => day(date, { dateStyle: "full" }),
  time: (date) => timeOfDay(date),
  time_secs: (date) => clockWithSeconds.format(date),
  ago: (date) => ago(date),
};

/**
 * A time in Slack's format, `{date_short_pretty} {time}`, in the reader's zone.
 *
 * @param {Date} date
 * @param {string} format
 */
export function slackDate(date, format) {
  return format.replace(/\{(\w+)\}/g, (token, name) => DATE_FORMATS[name]?.(date) ?? token);
}
