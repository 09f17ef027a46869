// Title, choice of layer and period, legend, source.
function makePanel(view) {
  const { data } = view;
  control(view, "topright", "segkit-panel", (box) => {
    view.panel = box;
    named("h1", box, data.title);
    makeSearch(view, box);
    makeChoice(view, box);
    makeSlider(view, box);
    makeTableButton(view, box);
    view.heading = named("h2", box);
    view.legend = element("ul", box, undefined, "segkit-legend");
    view.notes = element("div", box, undefined, "segkit-small");
    named("p", box, data.source, "segkit-small segkit-source");
    view.status = element("div", box, "", "segkit-hidden");
    view.status.setAttribute("role", "status");
  });
}

function makeChoice(view, box) {
  const row = element("div", box, undefined, "segkit-choice");
  const label = element("label", row, view.data.text.layers);
  label.htmlFor = view.id + "-layer";
  const list = element("select", row);
  list.id = label.htmlFor;
  view.data.layers.forEach((layer, n) => { named("option", list, layer.title).value = n; });
  list.addEventListener("change", () => {
    view.layer = Number(list.value);
    refresh(view, true);
  });
}

function makeSlider(view, box) {
  const row = element("div", box, undefined, "segkit-period");
  const label = element("label", row);
  label.htmlFor = view.id + "-period";
  const range = element("input", row);
  range.id = label.htmlFor;
  range.type = "range";
  range.min = 0;
  range.addEventListener("input", () => {
    view.period = view.data.layers[view.layer].periods[range.value].period;
    refresh(view, true);
  });
  view.slider = { row: row, label: label, range: range };
}

function showSlider(view) {
  const { row, label, range } = view.slider;
  const periods = view.data.layers[view.layer].periods;
  const at = periodOf(view, view.layer);
  row.hidden = periods.length < 2;
  range.max = periods.length - 1;
  range.value = at;
  range.setAttribute("aria-valuetext", periods[at].period);
  label.textContent = view.data.text.period + ": " + periods[at].period;
}

function showLegend(view) {
  const { text } = view.data;
  const layer = view.data.layers[view.layer];
  const one = shownPeriod(view, view.layer);
  view.heading.textContent = headingOf(view, view.layer);
  view.legend.textContent = "";
  const last = layer.classes.length - 1;
  layer.classes.forEach((word, code) => {
    if (code === last && one.codes.every((found) => found >= 0)) return;
    const swatch = legendLine(view.legend, word, one.counts[code]);
    swatch.style.backgroundColor = layer.colors[code];
  });
  if (one.hatched) legendLine(view.legend, text.hatched, one.hatched).className += " segkit-hatched";
  view.notes.textContent = "";
  const notes = [layer.note].concat(one.remarks, layer.periods.length > 1 ? [text.same_classes] : []);
  notes.filter(Boolean).forEach((note) => element("p", view.notes, note));
}

function legendLine(legend, word, amount) {
  const line = element("li", legend);
  const swatch = element("span", line, undefined, "segkit-swatch");
  const words = element("span", line, word);
  element("small", words, amount);
  return swatch;
}
