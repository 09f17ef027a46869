// Reading data and shapes; large maps come as gzipped JSON with shapes as steps on a grid.
async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

// Neighbors share the numbers of their common border, so it stays common.
function walked(steps, scale) {
  const points = [];
  let x = 0, y = 0;
  for (let k = 0; k < steps.length; k += 2) {
    x += steps[k];
    y += steps[k + 1];
    points.push([y / scale, x / scale]);
  }
  return points;
}

function latlngs(data, i) {
  const shape = data.shapes[i];
  if (shape.coordinates) {
    return shape.coordinates.map((rings) => rings.map((ring) => ring.slice(0, -1).map(([x, y]) => [y, x])));
  }
  const scale = 10 ** data.decimals;
  return shape.map((rings) => rings.map((steps) => walked(steps, scale)));
}
