// Drawing a line of years: a tap or a sweep over the pad sets the number of a year. The numbers below it are the real
// fields, and all there is without this file.

const pad = document.querySelector("[data-pad]");
const fields = [...document.querySelectorAll("[data-year]")];

if (pad && fields.length) {
  const { left, right, top, bottom, low, high } = Object.fromEntries(
    Object.entries(pad.dataset).map(([name, value]) => [name, Number(value)]),
  );
  const step = (right - left) / fields.length;
  const line = pad.querySelector("polyline");
  const dots = pad.querySelector("[data-dots]");
  const height = (near) => bottom - ((bottom - top) * (near - low)) / (high - low);

  function draw() {
    const places = fields
      .map((field, place) => [left + step * (place + 0.5), field.value])
      .filter(([, value]) => value !== "")
      .map(([x, value]) => [x, height(Number(value))]);
    line.setAttribute("points", places.map((each) => each.join(",")).join(" "));
    dots.replaceChildren(
      ...places.map(([x, y]) => {
        const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
        for (const [name, value] of Object.entries({ class: "pad-dot", cx: x, cy: y, r: 4.5 })) {
          dot.setAttribute(name, value);
        }
        return dot;
      }),
    );
  }

  function take(event) {
    const box = pad.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * pad.viewBox.baseVal.width;
    const y = ((event.clientY - box.top) / box.height) * pad.viewBox.baseVal.height;
    const place = Math.min(Math.max(Math.floor((x - left) / step), 0), fields.length - 1);
    const share = Math.min(Math.max((bottom - y) / (bottom - top), 0), 1);
    const near = String(Math.round(low + share * (high - low)));
    if (fields[place].value === near) return;
    fields[place].value = near;
    fields[place].dispatchEvent(new Event("input", { bubbles: true }));
  }

  pad.classList.add("years-pad-live");
  for (const hint of document.querySelectorAll("[data-pad-hint]")) hint.hidden = false;
  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    take(event);
  });
  pad.addEventListener("pointermove", (event) => {
    if (event.buttons) take(event);
  });
  for (const field of fields) field.addEventListener("input", draw);
}
