// Figures as text and as small lines over time. Numbers come rounded; only their signs are set here.
function numberText(text, value, decimals, signed) {
  if (value === null) return text.missing;
  const [whole, part] = Math.abs(value).toFixed(decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, text.thousands);
  const sign = value < 0 ? text.minus : signed && value > 0 ? "+" : "";
  return sign + grouped + (part ? text.point + part : "");
}

// The place of the chosen period in a layer; a layer without it shows its newest.
function periodOf(view, n) {
  const periods = view.data.layers[n].periods;
  const found = periods.findIndex((one) => one.period === view.period);
  return found < 0 ? periods.length - 1 : found;
}

function shownPeriod(view, n) {
  return view.data.layers[n].periods[periodOf(view, n)];
}

// The per cent sign always stands by its figure, a longer unit where there is room.
function figure(view, n, value, long) {
  const layer = view.data.layers[n];
  const unit = value !== null && (long || layer.unit === "%") ? layer.unit : "";
  return numberText(view.data.text, value, layer.decimals) + (unit && "\u00a0" + unit);
}

function headingOf(view, n) {
  const period = shownPeriod(view, n).period;
  return view.data.layers[n].heading + (period && ", " + period);
}

function described(view, i) {
  const n = view.layer;
  const one = shownPeriod(view, n);
  const note = one.notes[i];
  const period = one.period && " " + one.period;
  return view.data.layers[n].title + period + ": " + figure(view, n, one.values[i], true) + (note ? ", " + note : "");
}

// All areas share the scale of a layer, so that a small change looks small.
function scaleOf(layer) {
  if (!layer.scale) {
    let low = Infinity, high = -Infinity;
    layer.periods.forEach((one) => one.values.forEach((value) => {
      if (value === null) return;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }));
    layer.scale = { low: low, span: high - low || 1 };
  }
  return layer.scale;
}

function sparkline(view, n, i, parent) {
  const layer = view.data.layers[n];
  const known = layer.periods.filter((one) => one.values[i] !== null);
  if (known.length < 2) return;
  const words = known.map((one) => one.period + " " + figure(view, n, one.values[i]));
  const width = 92, height = 24, edge = 4;
  const { low, span } = scaleOf(layer);
  const years = layer.periods.map((one) => Number(one.period));
  const first = years[0], last = years[years.length - 1];
  const x = (one) => edge + (Number(one.period) - first) / (last - first) * (width - 2 * edge);
  const y = (one) => height - edge - (one.values[i] - low) / span * (height - 2 * edge);
  const line = element("span", parent, undefined, "segkit-spark");
  const root = drawn("svg", line, {
    width: width, height: height, viewBox: "0 0 " + width + " " + height, role: "img",
    "aria-label": layer.title + ": " + words.join("; "),
  });
  let path = "", joined = false;
  layer.periods.forEach((one) => {
    const there = one.values[i] !== null;
    if (there) path += (joined ? "L" : "M") + x(one).toFixed(1) + " " + y(one).toFixed(1);
    joined = there;
  });
  drawn("path", root, { d: path, fill: "none", stroke: "#2b4f8c", "stroke-width": 2 });
  known.forEach((one) => drawn("circle", root, { cx: x(one).toFixed(1), cy: y(one).toFixed(1), r: 2.2, fill: "#2b4f8c" }));
  const ends = [words[0], words[words.length - 1]].join(" – ");
  element("small", line, ends).setAttribute("aria-hidden", "true");
}
