// The colours of figures, light and dark. A line's strength mixes its colour with the paper's, so
// that lines that lie over one another stay as strong as each is.
const INKS = { accent: [228, 87, 46], good: [27, 153, 139], bad: [209, 73, 91] };
const GREY = "#8a8f9c";
const GRID = "rgba(138, 138, 138, 0.22)";

// What the theme gives to a figure.
function lookOf(root) {
  const style = getComputedStyle(root);
  const [, ...parts] = /^#(..)(..)(..)/.exec(
    style.getPropertyValue("--st-background-color").trim()) || [];
  const dark = parts.length
    ? parts.reduce((sum, part) => sum + parseInt(part, 16), 0) < 384
    : matchMedia("(prefers-color-scheme: dark)").matches;
  return {
    ink: dark ? "#eceae4" : "#1b1f2a",
    quiet: dark ? "#9a9ea9" : "#6b6f7a",
    paper: dark ? [28, 31, 38] : [255, 255, 255],
    font: style.fontFamily,
  };
}

function mix(ink, strength, paper) {
  return paper.map((part, at) => Math.round(part + strength * (INKS[ink][at] - part)));
}

const shade = (ink, strength, paper) => `rgb(${mix(ink, strength, paper).join(", ")})`;
