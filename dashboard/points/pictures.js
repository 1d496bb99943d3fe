// Pictures by number, in files of many: an unsigned 32-bit count, count + 1 offsets, then the bytes.
// A file is fetched when the first of its pictures is asked for.
function makePictures(source) {
  const files = new Map();
  const urls = new Map();

  async function file(place) {
    for (let turn = 0; ; turn += 1) {
      try {
        const reply = await fetch(source.urls[place]);
        if (!reply.ok) throw new Error(`pictures answered ${reply.status}`);
        const bytes = await reply.arrayBuffer();
        const count = new Uint32Array(bytes, 0, 1)[0];
        return { bytes, offsets: new Uint32Array(bytes, 4, count + 1), start: 4 * (count + 2) };
      } catch (error) {
        // The page may be running again just now; once more, then it is told.
        if (turn) throw error;
        await new Promise((later) => setTimeout(later, 400));
      }
    }
  }

  return {
    // A URL of picture `at`; resolves to null where it can't be had.
    async url(at) {
      if (urls.has(at)) return urls.get(at);
      const place = Math.floor(at / source.chunk);
      if (place >= source.urls.length) return null;
      if (!files.has(place)) files.set(place, file(place));
      let found;
      try {
        found = await files.get(place);
      } catch {
        files.delete(place);
        return null;
      }
      const within = at - place * source.chunk;
      const from = found.start + found.offsets[within];
      const to = found.start + found.offsets[within + 1];
      const head = new Uint8Array(found.bytes, from, 1)[0];
      const type = head === 0x89 ? "image/png" : "image/jpeg";
      const url = URL.createObjectURL(new Blob([found.bytes.slice(from, to)], { type }));
      urls.set(at, url);
      return url;
    },
    forget() {
      urls.forEach((url) => URL.revokeObjectURL(url));
      urls.clear();
    },
  };
}
