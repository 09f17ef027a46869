// One page on paper: what the map shows of the areas, fitted to an A4 sheet that lies down.
function visibleBounds(view) {
  const { paddingTopLeft: low, paddingBottomRight: high } = edges(view);
  const corner = view.map.getSize().subtract(high);
  const seen = L.latLngBounds(view.map.containerPointToLatLng(low), view.map.containerPointToLatLng(corner));
  const areas = view.layers.getBounds();
  if (!seen.intersects(areas)) return seen;
  return L.latLngBounds(
    [Math.max(seen.getSouth(), areas.getSouth()), Math.max(seen.getWest(), areas.getWest())],
    [Math.min(seen.getNorth(), areas.getNorth()), Math.min(seen.getEast(), areas.getEast())],
  );
}

function preparePrint(view) {
  const { map } = view;
  let before = null;
  window.addEventListener("beforeprint", () => {
    if (before || !view.table.hidden) return;
    before = { center: map.getCenter(), zoom: map.getZoom(), bounds: visibleBounds(view) };
    map.getContainer().classList.add("segkit-printed");
    map.invalidateSize({ animate: false });
    map.fitBounds(before.bounds, { ...edges(view), animate: false });
  });
  window.addEventListener("afterprint", () => {
    if (!before) return;
    const { center, zoom } = before;
    map.getContainer().classList.remove("segkit-printed");
    map.invalidateSize({ animate: false });
    map.setView(center, zoom, { animate: false });
    before = null;
  });
}
