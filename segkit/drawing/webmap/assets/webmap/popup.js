// The figures of one area, beside the weighted mean of all.
function popupOf(view, i) {
  const { data } = view;
  const area = data.areas[i];
  const box = element("div", null, undefined, "segkit-popup");
  named("h2", box, area.name).id = view.id + "-area";
  const people = data.population;
  const known = people && people.title + (people.period && " " + people.period) + ": " +
    numberText(data.text, people.values[i], 0);
  element("p", box, data.text.code + " " + area.id + (known ? ". " + known : ""), "segkit-small");
  const compared = data.layers.some((layer) => layer.mean);
  const table = element("table", box);
  element("caption", table, data.text.area_details, "segkit-hidden");
  const heads = [data.text.figure, data.text.value].concat(compared ? [data.text.mean, data.text.difference] : []);
  const head = element("tr", element("thead", table));
  heads.forEach((word) => { element("th", head, word).scope = "col"; });
  const body = element("tbody", table);
  // The layer shown comes first.
  const others = data.layers.map((_, n) => n).filter((n) => n !== view.layer);
  [view.layer, ...others].forEach((n) => figureRow(view, n, i, body, heads.length));
  if (compared) {
    element("p", box, data.text.mean + ": " + data.text.comparison + ". " + data.text.difference_note, "segkit-small");
  }
  return box;
}

function figureRow(view, n, i, body, width) {
  const { text } = view.data;
  const layer = view.data.layers[n];
  const one = shownPeriod(view, n);
  const line = element("tr", body, undefined, n === view.layer ? "segkit-current" : "");
  const label = element("th", line);
  label.scope = "row";
  named("span", label, layer.title);
  const small = [one.period, layer.unit === "%" ? "" : layer.unit].filter(Boolean).join(", ");
  if (small) element("small", label, small);
  element("td", line, figure(view, n, one.values[i]));
  if (width > 2) {
    const finer = Math.max(1, layer.decimals);
    const unit = layer.unit === "%" ? "\u00a0%" : "";
    const compared = one.mean !== undefined;
    element("td", line, compared ? numberText(text, one.mean, finer) + unit : "");
    const difference = compared && one.values[i] !== null;
    element("td", line, difference ? numberText(text, one.differences[i], finer, true) : "");
  }
  const remarks = [one.notes[i]];
  if (layer.mean === "median") remarks.push(text.mean_of_medians);
  if (one.of) remarks.push(one.of);
  const told = remarks.filter(Boolean);
  if (!told.length && layer.periods.length < 2) return;
  const cell = element("td", element("tr", body, undefined, "segkit-remark"));
  cell.colSpan = width;
  sparkline(view, n, i, cell);
  told.forEach((remark) => named("small", cell, remark));
}

function tooltipOf(view, i) {
  const box = element("div", null, undefined, "segkit-tooltip");
  named("strong", box, view.data.areas[i].name);
  named("span", box, described(view, i));
  return box;
}

// Focus goes into the popup, and back to where it came from when the popup is closed.
function openPopup(view, i, latlng, from) {
  const { map, popup } = view;
  view.layers.closeTooltip();
  view.opened = i;
  view.from = from || document.activeElement;
  popup.setContent(popupOf(view, i));
  popup.setLatLng(latlng || view.shapes[i].getCenter()).openOn(map);
  const box = popup.getElement();
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-labelledby", view.id + "-area");
  const close = box.querySelector(".leaflet-popup-close-button");
  close.setAttribute("aria-label", view.data.text.close);
  const inner = box.querySelector(".leaflet-popup-content");
  inner.tabIndex = 0;
  inner.focus({ preventScroll: true });
}

function makePopup(view) {
  const { map } = view;
  view.popup = L.popup({ maxWidth: 400, minWidth: 260, maxHeight: 380 });
  // Other popups that a user has added to the map are left alone.
  map.on("popupopen", (event) => {
    if (event.popup === view.popup) map.getContainer().classList.add("segkit-opened");
  });
  map.on("popupclose", (event) => {
    if (event.popup !== view.popup) return;
    map.getContainer().classList.remove("segkit-opened");
    const inside = view.popup.getElement().contains(document.activeElement);
    view.opened = -1;
    if (inside && view.from && view.from.isConnected) view.from.focus({ preventScroll: true });
  });
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    view.layers.closeTooltip();
    map.closePopup();
  });
}
