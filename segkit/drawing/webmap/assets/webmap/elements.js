// Making elements. Text from data enters the page through textContent and attributes only, never as HTML.
const SVG = "http://www.w3.org/2000/svg";

function element(tag, parent, text, name) {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (name) node.className = name;
  if (parent) parent.appendChild(node);
  return node;
}

// A name from data: of any length, perhaps written from right to left.
function named(tag, parent, text, name) {
  const node = element(tag, parent, text, name);
  node.dir = "auto";
  return node;
}

function drawn(tag, parent, attributes) {
  const node = document.createElementNS(SVG, tag);
  Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
  parent.appendChild(node);
  return node;
}

function control(view, position, name, fill) {
  const made = L.control({ position: position });
  made.onAdd = () => {
    const box = L.DomUtil.create("div", name);
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    fill(box);
    return box;
  };
  made.addTo(view.map);
}
