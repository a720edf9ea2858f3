/** Colours of styles: what they are, and whether text in them can be read. @see https://www.w3.org/TR/css-color-4/ */

/** Names and sRGB in hexadecimal. */
const TABLE = `
  aliceblue f0f8ff antiquewhite faebd7 aqua 00ffff aquamarine 7fffd4 azure f0ffff beige f5f5dc bisque ffe4c4 black
  000000 blanchedalmond ffebcd blue 0000ff blueviolet 8a2be2 brown a52a2a burlywood deb887 cadetblue 5f9ea0
  chartreuse 7fff00 chocolate d2691e coral ff7f50 cornflowerblue 6495ed cornsilk fff8dc crimson dc143c cyan 00ffff
  darkblue 00008b darkcyan 008b8b darkgoldenrod b8860b darkgray a9a9a9 darkgreen 006400 darkgrey a9a9a9 darkkhaki
  bdb76b darkmagenta 8b008b darkolivegreen 556b2f darkorange ff8c00 darkorchid 9932cc darkred 8b0000 darksalmon
  e9967a darkseagreen 8fbc8f darkslateblue 483d8b darkslategray 2f4f4f darkslategrey 2f4f4f darkturquoise 00ced1
  darkviolet 9400d3 deeppink ff1493 deepskyblue 00bfff dimgray 696969 dimgrey 696969 dodgerblue 1e90ff firebrick
  b22222 floralwhite fffaf0 forestgreen 228b22 fuchsia ff00ff gainsboro dcdcdc ghostwhite f8f8ff gold ffd700
  goldenrod daa520 gray 808080 green 008000 greenyellow adff2f grey 808080 honeydew f0fff0 hotpink ff69b4
  indianred cd5c5c indigo 4b0082 ivory fffff0 khaki f0e68c lavender e6e6fa lavenderblush fff0f5 lawngreen 7cfc00
  lemonchiffon fffacd lightblue add8e6 lightcoral f08080 lightcyan e0ffff lightgoldenrodyellow fafad2 lightgray
  d3d3d3 lightgreen 90ee90 lightgrey d3d3d3 lightpink ffb6c1 lightsalmon ffa07a lightseagreen 20b2aa lightskyblue
  87cefa lightslategray 778899 lightslategrey 778899 lightsteelblue b0c4de lightyellow ffffe0 lime 00ff00
  limegreen 32cd32 linen faf0e6 magenta ff00ff maroon 800000 mediumaquamarine 66cdaa mediumblue 0000cd
  mediumorchid ba55d3 mediumpurple 9370db mediumseagreen 3cb371 mediumslateblue 7b68ee mediumspringgreen 00fa9a
  mediumturquoise 48d1cc mediumvioletred c71585 midnightblue 191970 mintcream f5fffa mistyrose ffe4e1 moccasin
  ffe4b5 navajowhite ffdead navy 000080 oldlace fdf5e6 olive 808000 olivedrab 6b8e23 orange ffa500 orangered
  ff4500 orchid da70d6 palegoldenrod eee8aa palegreen 98fb98 paleturquoise afeeee palevioletred db7093 papayawhip
  ffefd5 peachpuff ffdab9 peru cd853f pink ffc0cb plum dda0dd powderblue b0e0e6 purple 800080 rebeccapurple 663399
  red ff0000 rosybrown bc8f8f royalblue 4169e1 saddlebrown 8b4513 salmon fa8072 sandybrown f4a460 seagreen 2e8b57
  seashell fff5ee sienna a0522d silver c0c0c0 skyblue 87ceeb slateblue 6a5acd slategray 708090 slategrey 708090
  snow fffafa springgreen 00ff7f steelblue 4682b4 tan d2b48c teal 008080 thistle d8bfd8 tomato ff6347 turquoise
  40e0d0 violet ee82ee wheat f5deb3 white ffffff whitesmoke f5f5f5 yellow ffff00 yellowgreen 9acd32`

const NAMES: ReadonlyMap<string, string> = new Map(
  Array.from(TABLE.matchAll(/(\w+)\s+([0-9a-f]{6})/g), ([, name = '', hex = '']) => [name, hex]),
)

const RGB = /^rgba?\( ?(\d{1,3})(%?)[ ,]+(\d{1,3})\2[ ,]+(\d{1,3})\2(?:[ ,/]+(?:1|1\.0|100%))? ?\)$/

/** Red, green and blue from 0 to 1 of an opaque colour in lower case; undefined for any other text. */
export function colorOf(text: string): readonly [number, number, number] | undefined {
  const hex = NAMES.get(text) ?? /^#([0-9a-f]{6}|[0-9a-f]{3})$/.exec(text)?.[1]
  if (hex !== undefined) {
    const width = hex.length / 3
    const part = (place: number) =>
      parseInt(hex.slice(place * width, (place + 1) * width).padEnd(2, hex.charAt(place)), 16)
    return [part(0) / 255, part(1) / 255, part(2) / 255]
  }
  const [, red, percent, green, blue] = RGB.exec(text) ?? []
  const parts = [red, green, blue].map((one) => Number(one) / (percent === '%' ? 100 : 255))
  const [first = NaN, second = NaN, third = NaN] = parts
  return parts.every((part) => part <= 1) ? [first, second, third] : undefined
}

/** From 0, black, to 1, white; undefined for what is no opaque colour. @see https://www.w3.org/TR/WCAG21/#dfn-relative-luminance */
export function luminance(text: string): number | undefined {
  const color = colorOf(text)
  return color && luminanceOf(color.map(linear))
}

/** From 1, the same, to 21, black and white. @see https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio */
export function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
}

/** Any text colour no lighter than the one contrasts with any ground no darker than the other by 4.5 or more. */
const LIMIT = { text: 0.094, ground: 0.6 } as const

/**
 * The colour as `#rrggbb`, made darker where it is for text, lighter where it is for the ground, as far as needed for
 * every text to be read on every ground; undefined for what is no opaque colour.
 */
export function legible(text: string, role: 'text' | 'ground'): string | undefined {
  const color = colorOf(text)
  if (!color) return undefined
  const light = color.map(linear)
  const now = luminanceOf(light)
  if (role === 'text' ? now <= LIMIT.text : now >= LIMIT.ground) return hex(color, Math.round)
  if (role === 'text')
    return hex(
      light.map((part) => gamma((part * LIMIT.text) / now)),
      Math.floor,
    )
  const share = (LIMIT.ground - now) / (1 - now)
  return hex(
    light.map((part) => gamma(part + share * (1 - part))),
    Math.ceil,
  )
}

function luminanceOf([red = 0, green = 0, blue = 0]: readonly number[]): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function linear(part: number): number {
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
}

function gamma(part: number): number {
  return part <= 0.0031308 ? part * 12.92 : 1.055 * part ** (1 / 2.4) - 0.055
}

function hex(parts: readonly number[], round: (value: number) => number): string {
  return `#${parts
    .map((part) =>
      Math.min(255, round(255 * part))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`
}
