/**
 * Slack's markup, rendered: bold, italic, strike, code, quotes, links,
 * mentions and dates. Text becomes text nodes, whatever it says; a link leads
 * to http or https or nowhere.
 */

import { h, link } from "./dom.js";
import { slackDate } from "./time.js";

const WORD = /[\p{L}\p{N}]/u;
const STYLES = { "*": "strong", _: "em", "~": "s" };

/**
 * @param {string} text as it is on the wire
 * @param {(id: string) => string} nameOf the name of a user's or channel's id
 * @returns {DocumentFragment}
 */
export function renderMrkdwn(text, nameOf) {
  const fragment = document.createDocumentFragment();
  text.split("```").forEach((part, index, parts) => {
    const fenced = index % 2 === 1 && index < parts.length - 1;
    if (fenced) fragment.append(h("pre", {}, h("code", {}, unescape(part.replace(/^\n|\n$/g, "")))));
    else if (part !== "") fragment.append(...lines(index % 2 === 1 ? "```" + part : part, nameOf));
  });
  return fragment;
}

/** The same as words alone, for announcements. */
export function plainText(text, nameOf) {
  const holder = h("div", {}, renderMrkdwn(text, nameOf));
  for (const lineBreak of holder.querySelectorAll("br")) lineBreak.replaceWith(" ");
  return holder.textContent;
}

/** Lines, with those that begin with > gathered into quotes. */
function lines(text, nameOf) {
  const nodes = [];
  let quote = null;
  text.split("\n").forEach((line, index) => {
    const quoted = /^(?:&gt;|>) ?(.*)$/s.exec(line);
    if (quoted) {
      if (quote) quote.append(h("br"));
      else nodes.push((quote = h("blockquote")));
      quote.append(...inline(quoted[1], nameOf));
      return;
    }
    if (index > 0 && !quote) nodes.push(h("br"));
    quote = null;
    nodes.push(...inline(line, nameOf));
  });
  return nodes;
}

/** One line. */
function inline(text, nameOf) {
  const nodes = [];
  let plain = "";
  const flush = () => {
    if (plain !== "") nodes.push(unescape(plain));
    plain = "";
  };
  for (let at = 0; at < text.length; ) {
    const span = spanAt(text, at, nameOf);
    if (span) {
      flush();
      nodes.push(span.node);
      at = span.end;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}

/** What begins here and is more than a character: a reference, code, or a style. */
function spanAt(text, at, nameOf) {
  const mark = text[at];
  if (mark === "<") {
    const end = text.indexOf(">", at);
    if (end > at + 1) return { node: reference(text.slice(at + 1, end), nameOf), end: end + 1 };
  } else if (mark === "`") {
    const end = text.indexOf("`", at + 1);
    if (end > at + 1) return { node: h("code", {}, codeParts(text.slice(at + 1, end), nameOf)), end: end + 1 };
  } else if (mark in STYLES && opens(text, at)) {
    const end = closing(text, at);
    if (end !== -1) return { node: h(STYLES[mark], {}, inline(text.slice(at + 1, end), nameOf)), end: end + 1 };
  }
  return null;
}

/** Code keeps its characters; only links and mentions in it come alive, as in Slack. */
function codeParts(text, nameOf) {
  return text.split(/(<[^<>]+>)/).map((part) =>
    /^<.+>$/.test(part) ? reference(part.slice(1, -1), nameOf) : unescape(part));
}

/** A mark opens a style at the beginning of a word. */
function opens(text, at) {
  const before = text[at - 1];
  const after = text[at + 1];
  return !(before && WORD.test(before)) && after !== undefined && !/\s/.test(after) && after !== text[at];
}

/** Where the style that opens at `from` closes: at the end of a word, outside code and links. */
function closing(text, from) {
  const mark = text[from];
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === "<" || text[at] === "`") {
      const end = text.indexOf(text[at] === "<" ? ">" : "`", at + 1);
      if (end !== -1) at = end;
    } else if (text[at] === mark && at > from + 1 && !/\s/.test(text[at - 1])) {
      const after = text[at + 1];
      if (!(after && WORD.test(after))) return at;
    }
  }
  return -1;
}

/** What stands between < and >. */
function reference(inner, nameOf) {
  const [target, ...rest] = inner.split("|");
  const label = rest.length > 0 ? unescape(rest.join("|")) : null;
  if (target.startsWith("@")) return mention(nameOf(target.slice(1)));
  if (target.startsWith("#")) return h("span", { class: "mention" }, `#${label ?? nameOf(target.slice(1))}`);
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!subteam^")) return h("span", { class: "mention" }, label ?? "@group");
  if (target.startsWith("!")) return mention(target.slice(1).split("^")[0]);
  const address = unescape(target);
  return link(address, label ?? address);
}

function mention(name) {
  return h("span", { class: "mention" }, `@${name}`);
}

/** `!date^unix^format^link`, with what to show where the time can't be read. */
function date(target, fallback) {
  const [, seconds, format = "{date_short} {time}", address] = target.split("^");
  const moment = new Date(Number(seconds) * 1000);
  if (Number.isNaN(moment.getTime())) return h("span", {}, fallback ?? target);
  const time = h("time", { datetime: moment.toISOString() }, slackDate(moment, unescape(format)));
  return address ? link(unescape(address), time) : time;
}

/** Slack escapes these three and nothing else. */
function unescape(text) {
  return text.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);
}
