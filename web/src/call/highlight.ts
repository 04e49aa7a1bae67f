/** Pieces of a text, the marked ones apart. */
export interface Piece {
  text: string;
  marked: boolean;
}

/** Cuts `text` at half-open character ranges; ranges may overlap and may reach beyond the text. */
export function cutAt(text: string, ranges: readonly (readonly [number, number])[]): Piece[] {
  // The server counts characters (code points); JavaScript strings count UTF-16 units.
  const chars = Array.from(text);
  const marks = chars.map((_, index) => ranges.some(([from, to]) => index >= from && index < to));
  const pieces: Piece[] = [];
  chars.forEach((char, index) => {
    const last = pieces[pieces.length - 1];
    const marked = marks[index] ?? false;
    if (last && last.marked === marked) last.text += char;
    else pieces.push({ text: char, marked });
  });
  return pieces;
}

/** Cuts `text` where any of `words` stands in it. */
export function cutAtWords(text: string, words: readonly string[]): Piece[] {
  const chars = Array.from(text);
  const ranges: [number, number][] = [];
  for (const word of new Set(words)) {
    const letters = Array.from(word);
    if (letters.length === 0) continue;
    for (let at = 0; at + letters.length <= chars.length; at++) {
      if (letters.every((letter, index) => chars[at + index] === letter)) ranges.push([at, at + letters.length]);
    }
  }
  return cutAt(text, ranges);
}
