"use strict";

// The greys of films (browser.Canvas.DrawLevels): a loop over millions of pixels, which
// Go would have to copy first.
globalThis.Films = (() => {
  const rows = 64; // at a time: what is being painted stays in the processor's cache

  // paint gives a canvas every step-th pixel, along both axes, of a picture of width ×
  // height levels: each is the grey that a table has for it.
  function paint(canvas, levels, width, height, greys, step) {
    const [across, down] = [Math.ceil(width / step), Math.ceil(height / step)];
    if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
    const context = canvas.getContext("2d");
    const band = new ImageData(across, Math.min(rows, down));
    const pixels = new Int32Array(band.data.buffer);
    const colours = new Int32Array(greys.length);
    for (let level = 0; level < greys.length; level++) colours[level] = 0xff000000 | greys[level] * 0x010101;
    for (let top = 0; top < down; top += rows) {
      for (let y = top, at = 0; y < Math.min(top + rows, down); y++) {
        const row = y * step * width;
        for (let x = row; x < row + width; x += step) pixels[at++] = colours[levels[x]];
      }
      context.putImageData(band, 0, top); // what the last one has below the canvas falls away
    }
  }

  return { paint };
})();
