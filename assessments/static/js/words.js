/* Numbers and times as the pages write them. */

/* `1 answer`, `3 answers`. */
export function count(number, noun) {
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}

/* In UK time: a moment of today as 13:40, of another day with its date. */
export function clock(at) {
  const options = { timeZone: "Europe/London" };
  const dayOf = (date) => date.toLocaleDateString("en-GB", { day: "numeric", month: "long", ...options });
  const time = new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", ...options });
  const day = dayOf(new Date(at));
  return day === dayOf(new Date()) ? time : `${time} on ${day}`;
}
