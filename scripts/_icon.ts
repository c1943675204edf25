/**
 * The icon of the Windows executable, drawn here so that no binary file is
 * kept: three services in their window, two ready and one starting.
 */

/** A colour: red, green, blue, opacity, each from 0 to 255. */
type Color = readonly [number, number, number, number];

const BOARD: Color = [31, 41, 55, 255];
const LINE: Color = [229, 231, 235, 255];
const READY: Color = [52, 211, 153, 255];
const STARTING: Color = [251, 191, 36, 255];

/** Those that `deno compile` 2.9.6 keeps: it would draw a missing one itself. */
const SIZES = [16, 24, 32, 48, 128, 256] as const;

/** Points tested along each side of a pixel: edges are smooth. */
const SAMPLES = 4;

/**
 * Draws the icon.
 *
 * @returns The bytes of an `.ico` file.
 */
export function drawIcon(): Uint8Array<ArrayBuffer> {
  const images = SIZES.map((size) => ({ size, bytes: drawBitmap(size) }));
  const headLength = 6 + 16 * images.length;
  const length = images.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const icon = new Uint8Array(headLength + length);
  const view = new DataView(icon.buffer);
  // The format: Microsoft, "Icons", ICONDIR and ICONDIRENTRY.
  view.setUint16(2, 1, true);
  view.setUint16(4, images.length, true);
  let offset = headLength;
  images.forEach(({ size, bytes }, index) => {
    const entry = 6 + 16 * index;
    // 256 is written as 0.
    view.setUint8(entry, size % 256);
    view.setUint8(entry + 1, size % 256);
    view.setUint16(entry + 4, 1, true);
    view.setUint16(entry + 6, 32, true);
    view.setUint32(entry + 8, bytes.length, true);
    view.setUint32(entry + 12, offset, true);
    icon.set(bytes, offset);
    offset += bytes.length;
  });
  return icon;
}

/** A BITMAPINFOHEADER, the pixels from the bottom up, and an empty mask. */
function drawBitmap(size: number): Uint8Array {
  const headLength = 40;
  const maskLength = Math.ceil(size / 32) * 4 * size;
  const bitmap = new Uint8Array(headLength + size * size * 4 + maskLength);
  const view = new DataView(bitmap.buffer);
  view.setUint32(0, headLength, true);
  view.setInt32(4, size, true);
  // The mask counts too.
  view.setInt32(8, size * 2, true);
  view.setUint16(12, 1, true);
  view.setUint16(14, 32, true);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [red, green, blue, opacity] = pixel(x, y, size);
      const at = headLength + ((size - 1 - y) * size + x) * 4;
      bitmap.set([blue, green, red, opacity], at);
    }
  }
  return bitmap;
}

function pixel(x: number, y: number, size: number): Color {
  const sums: [number, number, number, number] = [0, 0, 0, 0];
  for (let i = 0; i < SAMPLES * SAMPLES; i++) {
    const dx = (i % SAMPLES + 0.5) / SAMPLES;
    const dy = (Math.floor(i / SAMPLES) + 0.5) / SAMPLES;
    const color = colorAt((x + dx) / size, (y + dy) / size);
    if (!color) continue;
    const [red, green, blue] = color;
    sums[0] += red;
    sums[1] += green;
    sums[2] += blue;
    sums[3]++;
  }
  const [red, green, blue, hits] = sums;
  if (hits === 0) return [0, 0, 0, 0];
  return [
    Math.round(red / hits),
    Math.round(green / hits),
    Math.round(blue / hits),
    Math.round(255 * hits / (SAMPLES * SAMPLES)),
  ];
}

/** The picture in a square of side 1. */
function colorAt(x: number, y: number): Color | undefined {
  if (!isInRounded(x, y, { left: 0, top: 0, right: 1, bottom: 1 }, 0.2)) {
    return undefined;
  }
  for (const [row, color] of [READY, READY, STARTING].entries()) {
    const middle = 0.26 + 0.24 * row;
    if (Math.hypot(x - 0.24, y - middle) < 0.085) return color;
    const bar = {
      left: 0.4,
      right: 0.84,
      top: middle - 0.05,
      bottom: middle + 0.05,
    };
    if (isInRounded(x, y, bar, 0.05)) return LINE;
  }
  return BOARD;
}

function isInRounded(
  x: number,
  y: number,
  box: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  },
  radius: number,
): boolean {
  const dx = Math.max(box.left + radius - x, x - box.right + radius, 0);
  const dy = Math.max(box.top + radius - y, y - box.bottom + radius, 0);
  return Math.hypot(dx, dy) <= radius;
}
