// Text from data enters the page through textContent only, never as HTML.
function segkitMap(map, data) {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const shapes = [];
  const PANEL = 345;
  const narrow = map.getContainer().clientWidth < 700;
  let current = 0;

  function element(tag, parent, text, name) {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    if (name) node.className = name;
    if (parent) parent.appendChild(node);
    return node;
  }

  function value(i) {
    return data.layers[current].values[i];
  }

  function popup(i) {
    const area = data.areas[i];
    const box = element("div", null, undefined, "segkit-popup");
    element("h3", box, area.name);
    const body = element("tbody", element("table", box));
    area.rows.forEach(function (row) {
      const line = element("tr", body);
      element("th", line, row[0]).scope = "row";
      const cell = element("td", line, row[1]);
      if (row[2]) element("small", cell, row[2]);
    });
    return box;
  }

  function tooltip(i) {
    const box = element("div", null, undefined, "segkit-tooltip");
    element("strong", box, data.areas[i].name);
    element("span", box, data.layers[current].title + ": " + value(i));
    return box;
  }

  const layer = L.geoJSON(
    data.areas.map(function (area, i) {
      return { type: "Feature", properties: { i: i }, geometry: area.geometry };
    }),
    {
      style: { color: "#555", weight: 1, fillOpacity: data.opacity },
      onEachFeature: function (feature, shape) {
        const i = feature.properties.i;
        shapes[i] = shape;
        shape.bindPopup(function () { return popup(i); }, {
          maxWidth: narrow ? 280 : 380, maxHeight: 360,
          autoPanPaddingTopLeft: [10, 10], autoPanPaddingBottomRight: narrow ? [10, 10] : [PANEL, 10],
        });
        shape.bindTooltip(function () { return tooltip(i); }, { sticky: true });
        shape.on("mouseover focus", function () { shape.setStyle({ weight: 3, color: "#000" }).bringToFront(); });
        shape.on("mouseout blur", function () { shape.setStyle({ weight: 1, color: "#555" }); });
      },
    }
  ).addTo(map);

  function middle(shape) {
    return shape.getCenter ? shape.getCenter() : shape.getBounds().getCenter();
  }

  function open(i) {
    shapes[i].closeTooltip();
    shapes[i].openPopup(middle(shapes[i]));
  }

  map.getContainer().addEventListener("keydown", function (event) {
    if (event.key === "Escape") map.closePopup();
  });

  function pattern(color) {
    const id = map.getContainer().id + "-" + color.slice(1);
    if (document.getElementById(id)) return "url(#" + id + ")";
    const root = map.getPane("overlayPane").querySelector("svg");
    const node = document.createElementNS(SVG, "pattern");
    const light = parseInt(color.slice(1, 3), 16) * 0.3 + parseInt(color.slice(3, 5), 16) * 0.6 +
      parseInt(color.slice(5, 7), 16) * 0.1 > 120;
    const set = { id: id, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
    Object.keys(set).forEach(function (key) { node.setAttribute(key, set[key]); });
    [[7, color], [1.6, light ? "#333" : "#fff"]].forEach(function (part) {
      const stripe = document.createElementNS(SVG, "rect");
      stripe.setAttribute("width", part[0]);
      stripe.setAttribute("height", 7);
      stripe.setAttribute("fill", part[1]);
      node.appendChild(stripe);
    });
    root.insertBefore(node, root.firstChild);
    return "url(#" + id + ")";
  }

  function show(n) {
    current = n;
    const chosen = data.layers[n];
    shapes.forEach(function (shape, i) {
      const code = chosen.codes[i];
      const color = chosen.colors[code < 0 ? chosen.colors.length - 1 : code];
      shape.setStyle({ fillColor: chosen.flagged[i] ? pattern(color) : color });
      const path = shape.getElement();
      path.setAttribute("data-area", data.areas[i].id);
      path.setAttribute("aria-label", data.areas[i].name + ". " + chosen.title + ": " + value(i));
    });
    heading.textContent = chosen.heading;
    legend.textContent = "";
    chosen.legend.forEach(function (row) {
      const line = element("li", legend);
      const swatch = element("span", line, undefined, "segkit-swatch");
      if (row[0]) swatch.style.backgroundColor = row[0];
      else swatch.className += " segkit-hatched";
      const words = element("span", line, row[1]);
      element("small", words, row[2]);
    });
  }

  function control(position, name, fill) {
    const made = L.control({ position: position });
    made.onAdd = function () {
      const box = L.DomUtil.create("div", name);
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      fill(box);
      return box;
    };
    made.addTo(map);
  }

  let heading, legend;
  control(narrow ? "bottomright" : "topright", "segkit-panel" + (narrow ? " segkit-narrow" : ""), function (box) {
    element("h1", box, data.title);
    const details = element("details", box);
    details.open = !narrow;
    element("summary", details, data.text.layers);
    const group = element("fieldset", details, undefined, "segkit-layers");
    group.setAttribute("aria-label", data.text.layers);
    data.layers.forEach(function (one, n) {
      const label = element("label", group);
      const radio = element("input", label);
      radio.type = "radio";
      radio.name = map.getContainer().id + "-layer";
      radio.checked = n === 0;
      radio.addEventListener("change", function () { show(n); });
      label.appendChild(document.createTextNode(" " + one.title));
    });
    heading = element("h2", box);
    legend = element("ul", box, undefined, "segkit-legend");
    element("p", box, data.source, "segkit-source");
  });

  function find(text) {
    const wanted = text.trim().toLocaleLowerCase();
    if (!wanted) return -1;
    const keys = data.areas.map(function (a) { return [a.key.toLocaleLowerCase(), a.id.toLocaleLowerCase()]; });
    const tests = [
      function (k) { return k[0] === wanted || k[1] === wanted; },
      function (k) { return k[0].startsWith(wanted); },
      function (k) { return k[0].includes(wanted); },
    ];
    for (const test of tests) {
      const i = keys.findIndex(test);
      if (i >= 0) return i;
    }
    return -1;
  }

  control("topleft", "segkit-search", function (box) {
    const id = map.getContainer().id + "-search";
    const label = element("label", box, data.text.search);
    label.htmlFor = id;
    const input = element("input", box);
    input.id = id;
    input.type = "search";
    input.setAttribute("list", id + "-names");
    input.autocomplete = "off";
    const list = element("datalist", box);
    list.id = id + "-names";
    data.areas.forEach(function (area) { element("option", list).value = area.key; });
    const status = element("div", box, "", "segkit-status");
    status.setAttribute("role", "status");
    input.addEventListener("change", function () {
      const i = find(input.value);
      status.textContent = i < 0 && input.value.trim() ? data.text.nothing : i < 0 ? "" : data.areas[i].name;
      if (i < 0) return;
      map.fitBounds(shapes[i].getBounds(), { maxZoom: 13, animate: false });
      open(i);
    });
  });

  map.getContainer().classList.add("segkit-map");
  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", data.title);
  L.control.scale({ imperial: false, position: narrow ? "topleft" : "bottomleft" }).addTo(map);
  const low = narrow ? [10, map.getContainer().clientHeight * 0.42] : [PANEL, 10];
  map.fitBounds(layer.getBounds(), { paddingTopLeft: [10, 10], paddingBottomRight: low, animate: false });
  show(0);
  // Beyond some hundreds of areas the search is the way by keyboard: tabbing through all helps nobody.
  shapes.forEach(function (shape, i) {
    const path = shape.getElement();
    path.setAttribute("role", "button");
    path.setAttribute("tabindex", shapes.length <= 300 ? "0" : "-1");
    path.addEventListener("keydown", function (event) {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open(i);
    });
  });
}
