/* Looks every other second how far the reports have come that are being made. Without this there is the link. */

const EVERY = 2000;
const SAY_EVERY = 15000;

const status = document.querySelector("[data-bundle-status]");
let saidAt = 0;

function watch(article) {
  article.querySelector("[data-by-hand]")?.setAttribute("hidden", "");
  setTimeout(() => look(article), EVERY);
}

async function look(article) {
  if (document.hidden) return watch(article);
  const fresh = await fetched(article.dataset.lookAgain);
  if (fresh === "gone") return giveUp(article);
  if (!fresh) return watch(article);
  const now = show(article, fresh);
  if (now.dataset.lookAgain) watch(now);
}

/* The part of the page; "gone" where it will not be given again, and nothing where asking later may help. */
async function fetched(url) {
  try {
    const answer = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(8000) });
    if (!answer.ok) return answer.status < 500 ? "gone" : null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector("article") ?? "gone";
  } catch (error) {
    // Signed out, the answer leads to the page for signing in, which cannot be told from a lost network.
    return error.name === "TypeError" && navigator.onLine ? "gone" : null;
  }
}

/* While the state stays only the figures change, so that a button keeps its focus. */
function show(article, fresh) {
  const isSame = text(article, "[data-state]") === text(fresh, "[data-state]");
  const bars = [article, fresh].map((each) => each.querySelector("progress"));
  say(fresh, { atOnce: !isSame });
  if (isSame && bars.every(Boolean)) {
    bars[0].value = bars[1].value;
    article.querySelector("[data-told]").textContent = text(fresh, "[data-told]");
    return article;
  }
  const hadFocus = article.contains(document.activeElement);
  const now = document.importNode(fresh, true);
  article.replaceWith(now);
  if (hadFocus) now.focus();
  return now;
}

function say(fresh, { atOnce }) {
  if (!atOnce && Date.now() - saidAt < SAY_EVERY) return;
  saidAt = Date.now();
  status.textContent = `${text(fresh, "[data-state]")}: ${text(fresh, "[data-told]")}`;
}

function text(element, selector) {
  return element.querySelector(selector)?.textContent.trim().replace(/\s+/g, " ") ?? "";
}

function giveUp(article) {
  article.querySelector("[data-by-hand]")?.removeAttribute("hidden");
}

for (const article of document.querySelectorAll("[data-look-again]")) watch(article);
