// All areas with the figures of the layer shown, as a table: the map for those who can't see or point.
const COLUMNS = {
  name: (view, one, i) => view.data.areas[i].name,
  code: (view, one, i) => view.data.areas[i].id,
  value: (view, one, i) => figure(view, view.layer, one.values[i]),
  difference: (view, one, i) => one.values[i] === null ? "" :
    numberText(view.data.text, one.differences[i], Math.max(1, view.data.layers[view.layer].decimals), true),
  remark: (view, one, i) => one.notes[i] || "",
};

function makeTableButton(view, box) {
  const button = element("button", box, view.data.text.show_table, "segkit-button");
  button.type = "button";
  button.addEventListener("click", () => {
    const open = view.table.hidden;
    view.map.closePopup();
    view.table.hidden = !open;
    view.map.getContainer().classList.toggle("segkit-tabled", open);
    button.textContent = open ? view.data.text.show_map : view.data.text.show_table;
    showTable(view);
  });
}

function makeTable(view) {
  const box = element("div", null, undefined, "segkit-table");
  L.DomEvent.disableClickPropagation(box);
  L.DomEvent.disableScrollPropagation(box);
  box.hidden = true;
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", view.data.text.table_of);
  view.map.getContainer().appendChild(box);
  view.table = box;
  view.sorted = { key: "name", down: false };
}

function showTable(view) {
  if (view.table.hidden) return;
  const focused = document.activeElement.dataset.sorts;
  const one = shownPeriod(view, view.layer);
  const compared = one.mean !== undefined;
  const shown = {
    name: true, code: true, value: true, difference: compared, remark: Object.keys(one.notes).length > 0,
  };
  const keys = Object.keys(COLUMNS).filter((key) => shown[key]);
  view.table.textContent = "";
  const table = element("table", view.table);
  const caption = named("caption", table, headingOf(view, view.layer));
  if (compared) element("small", caption, comparison(view, one));
  const head = element("tr", element("thead", table));
  keys.forEach((key) => headCell(view, head, key));
  const body = element("tbody", table);
  sortedAreas(view, one).forEach((i) => {
    const line = element("tr", body);
    keys.forEach((key) => {
      const cell = named(key === "name" ? "th" : "td", line, COLUMNS[key](view, one, i), "segkit-" + key);
      if (key === "name") cell.scope = "row";
    });
  });
  const again = focused && head.querySelector('[data-sorts="' + focused + '"]');
  if (again) again.focus();
}

function comparison(view, one) {
  const { text } = view.data;
  const layer = view.data.layers[view.layer];
  const unit = layer.unit && "\u00a0" + layer.unit;
  const kind = one.of || (layer.mean === "median" ? text.mean_of_medians : text.mean);
  const mean = numberText(text, one.mean, Math.max(1, layer.decimals)) + unit;
  return kind + ": " + mean + " (" + text.comparison + "). " + text.difference_note;
}

function headCell(view, head, key) {
  const { key: by, down } = view.sorted;
  const cell = element("th", head, undefined, "segkit-" + key);
  cell.scope = "col";
  cell.setAttribute("aria-sort", key !== by ? "none" : down ? "descending" : "ascending");
  const button = element("button", cell, view.data.text[key] + (key !== by ? "" : down ? " ▼" : " ▲"));
  button.type = "button";
  button.dataset.sorts = key;
  button.addEventListener("click", () => {
    view.sorted = { key: key, down: key === by ? !down : key === "value" || key === "difference" };
    showTable(view);
  });
}

// Missing figures come last both ways.
function sortedAreas(view, one) {
  const { key, down } = view.sorted;
  const turn = down ? -1 : 1;
  const order = view.data.areas.map((_, i) => i);
  if (key === "value" || key === "difference") {
    return order.sort((a, b) => {
      const [v, w] = [one.values[a], one.values[b]];
      if (v === null || w === null) return (v === null) - (w === null);
      return turn * (v - w);
    });
  }
  const compare = new Intl.Collator(document.documentElement.lang || "sv", { numeric: true }).compare;
  const words = order.map((i) => COLUMNS[key](view, one, i));
  return order.sort((a, b) => turn * compare(words[a], words[b]));
}
