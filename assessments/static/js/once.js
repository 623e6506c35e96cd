/* A double click presses a button twice. The second press would be refused, since the first has done it, or would begin
   a second draft; so it is left out. Whoever has typed something in between means it. */

const PAUSE = 500;
let last = null;
let at = 0;

document.addEventListener("input", () => (last = null), true);
document.addEventListener(
  "submit",
  (event) => {
    const pressed = event.submitter ?? event.target;
    if (pressed === last && event.timeStamp - at < PAUSE) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else [last, at] = [pressed, event.timeStamp];
  },
  true,
);
