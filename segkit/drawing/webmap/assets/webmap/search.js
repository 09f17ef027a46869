// Finding an area by its name or code.
function find(areas, typed) {
  const wanted = typed.trim().toLocaleLowerCase();
  if (!wanted) return -1;
  const keys = areas.map((area) => [area.key.toLocaleLowerCase(), area.id.toLocaleLowerCase()]);
  const tests = [
    (key) => key[0] === wanted || key[1] === wanted,
    (key) => key[0].startsWith(wanted),
    (key) => key[0].includes(wanted),
  ];
  for (const test of tests) {
    const i = keys.findIndex(test);
    if (i >= 0) return i;
  }
  return -1;
}

function makeSearch(view, box) {
  const { data, map } = view;
  const row = element("div", box, undefined, "segkit-search");
  const label = element("label", row, data.text.search);
  label.htmlFor = view.id + "-search";
  const input = element("input", row);
  input.id = label.htmlFor;
  input.type = "search";
  input.dir = "auto";
  input.setAttribute("list", view.id + "-names");
  input.autocomplete = "off";
  const list = element("datalist", row);
  list.id = view.id + "-names";
  data.areas.forEach((area) => { element("option", list).value = area.key; });
  const status = element("div", row, "", "segkit-small");
  status.dir = "auto";
  status.setAttribute("role", "status");
  input.addEventListener("change", () => {
    const i = find(data.areas, input.value);
    status.textContent = i >= 0 ? data.areas[i].name : input.value.trim() ? data.text.nothing : "";
    if (i < 0) return;
    map.fitBounds(view.shapes[i].getBounds(), { ...edges(view), maxZoom: 13, animate: false });
    openPopup(view, i, null, input);
  });
}
