// The map: areas as SVG shapes that take a color, a hatching, a name and, on small maps, the focus.

// Beyond some hundreds of areas search and table are the way by keyboard: tabbing through all helps nobody.
const MOST_STOPS = 300;

function isNarrow(view) {
  return view.map.getContainer().clientWidth < 700;
}

// What the panel covers of the map: its right side, or its bottom where it is narrow.
function edges(view) {
  const panel = view.panel.getBoundingClientRect();
  if (panel.width > 0.6 * view.map.getSize().x) {
    return { paddingTopLeft: [12, 12], paddingBottomRight: [12, panel.height + 24] };
  }
  return { paddingTopLeft: [12, 12], paddingBottomRight: [panel.width + 24, 12] };
}

function fitAll(view) {
  view.map.fitBounds(view.layers.getBounds(), { ...edges(view), animate: false });
  view.whole = view.map.getZoom();
  setBorders(view);
  Object.assign(view.popup.options, {
    autoPanPaddingTopLeft: [isNarrow(view) ? 10 : 54, 10],
    autoPanPaddingBottomRight: isNarrow(view) ? [10, 10] : edges(view).paddingBottomRight,
    maxWidth: Math.min(400, view.map.getSize().x - 60),
    maxHeight: Math.min(380, view.map.getSize().y - 90),
  });
}

function makeAreas(view) {
  const { data, map } = view;
  // Without smoothing by the screen's grid, which would move each side of a border by itself.
  const style = { color: "#6b6b6b", weight: 1, fillOpacity: data.opacity, smoothFactor: 0 };
  view.shapes = data.areas.map((_, i) => {
    const shape = L.polygon(latlngs(data, i), style);
    shape.area = i;
    return shape;
  });
  view.layers = L.featureGroup(view.shapes);
  // Fitted first, so that shapes are projected once.
  fitAll(view);
  view.layers.addTo(map);
  const outline = [[6, "#fff"], [3, "#000"]].map(([weight, color]) =>
    L.polygon([], {
      fill: false, weight: weight, color: color, interactive: false, smoothFactor: 0, className: "segkit-outline",
    }).addTo(map));
  const mark = (i) => outline.forEach((line) => line.setLatLngs(i < 0 ? [] : view.shapes[i].getLatLngs()));
  view.layers.bindTooltip((shape) => tooltipOf(view, shape.area), { sticky: true });
  view.layers.on("mouseover", (event) => mark(event.propagatedFrom.area));
  view.layers.on("mouseout", () => mark(-1));
  view.layers.on("click", (event) => {
    const i = event.propagatedFrom.area;
    openPopup(view, i, event.latlng, view.shapes[i].getElement());
  });
  reachAreas(view, mark);
}

// Where thousands of areas share the screen, borders as wide as a pixel would hide them.
function setBorders(view) {
  const fine = view.shapes.length > 1000 && view.map.getZoom() < view.whole + 3;
  view.map.getContainer().classList.toggle("segkit-fine", fine);
}

function reachAreas(view, mark) {
  view.shapes.forEach((shape, i) => {
    const path = shape.getElement();
    path.setAttribute("role", "button");
    path.setAttribute("tabindex", view.shapes.length <= MOST_STOPS ? "0" : "-1");
    path.setAttribute("data-area", view.data.areas[i].id);
    path.segkitArea = i;
  });
  const pane = view.map.getPane("overlayPane");
  pane.addEventListener("focusin", (event) => {
    if (event.target.segkitArea !== undefined) mark(event.target.segkitArea);
  });
  pane.addEventListener("focusout", () => mark(-1));
  pane.addEventListener("keydown", (event) => {
    const i = event.target.segkitArea;
    if (i === undefined || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    openPopup(view, i, null, event.target);
  });
}

function pattern(view, color) {
  const id = view.id + "-" + color.slice(1);
  if (document.getElementById(id)) return "url(#" + id + ")";
  const root = view.map.getPane("overlayPane").querySelector("svg");
  const parts = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  const light = parts[0] * 0.3 + parts[1] * 0.6 + parts[2] * 0.1 > 120;
  const node = drawn("pattern", root, {
    id: id, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
  });
  drawn("rect", node, { width: 7, height: 7, fill: color });
  drawn("rect", node, { width: 1.6, height: 7, fill: light ? "#333" : "#fff" });
  root.insertBefore(node, root.firstChild);
  return "url(#" + id + ")";
}

function showAreas(view) {
  const layer = view.data.layers[view.layer];
  const one = shownPeriod(view, view.layer);
  const flagged = new Set(one.flagged);
  view.shapes.forEach((shape, i) => {
    const code = one.codes[i];
    const color = layer.colors[code < 0 ? layer.colors.length - 1 : code];
    const fill = flagged.has(i) ? pattern(view, color) : color;
    if (shape.options.fillColor !== fill) shape.setStyle({ fillColor: fill });
    shape.getElement().setAttribute("aria-label", view.data.areas[i].name + ". " + described(view, i));
  });
}

function refresh(view, told) {
  showAreas(view);
  showSlider(view);
  showLegend(view);
  showTable(view);
  if (view.opened >= 0) view.popup.setContent(popupOf(view, view.opened));
  if (told) view.status.textContent = headingOf(view, view.layer);
}

function prepareContainer(view) {
  const { map, data } = view;
  const container = map.getContainer();
  container.classList.add("segkit-map");
  container.setAttribute("role", document.querySelector("main, [role=main]") ? "region" : "main");
  container.setAttribute("aria-label", data.title);
  const controls = container.querySelector(".leaflet-control-container");
  // Search, layers and period come before the areas in the order of the Tab key.
  container.insertBefore(controls, container.firstChild);
  [["in", data.text.zoom_in], ["out", data.text.zoom_out]].forEach(([which, word]) => {
    const button = controls.querySelector(".leaflet-control-zoom-" + which);
    if (!button) return;
    button.title = word;
    button.setAttribute("aria-label", word);
  });
}

function draw(map, data) {
  const view = { map: map, data: data, id: map.getContainer().id, layer: 0, period: "", opened: -1 };
  prepareContainer(view);
  makePanel(view);
  makePopup(view);
  makeTable(view);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  showSlider(view);
  showLegend(view);
  makeAreas(view);
  refresh(view, false);
  map.on("resize", () => { if (!map.getContainer().classList.contains("segkit-printed")) fitAll(view); });
  map.on("zoomend", () => setBorders(view));
  preparePrint(view);
  map.getContainer().dataset.areas = data.areas.length;
}

window.segkitMap = function (map, data) {
  if (!data.packed) return draw(map, data);
  const notice = element("p", map.getContainer(), data.text.loading, "segkit-notice");
  notice.setAttribute("role", "status");
  return unpack(data.packed).then((whole) => {
    notice.remove();
    draw(map, { ...data, ...whole });
  }).catch((error) => {
    notice.textContent = data.text.not_drawn;
    notice.setAttribute("role", "alert");
    throw error;
  });
};
