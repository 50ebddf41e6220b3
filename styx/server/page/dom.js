// Making elements. Text goes in as text: nothing here, or elsewhere on the page, reads a string as HTML.

const SVG = "http://www.w3.org/2000/svg";

// Letters that turn the direction of the text around them would let a task look like another.
const TURNING = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
export const plain = (text) => text.replace(TURNING, "\ufffd");

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null).map((child) => (typeof child === "string" ? plain(child) : child)));
  return made;
}

export const $ = (selector, inside = document) => inside.querySelector(selector);
export const make = (name, attributes = {}, ...children) => filled(document.createElement(name), attributes, children);
export const draw = (name, attributes = {}, ...children) =>
  filled(document.createElementNS(SVG, name), attributes, children);

// Set the text only where it differs, so that what a person has selected stays selected.
export function say(element, text) {
  const shown = plain(text);
  if (element.textContent !== shown) element.textContent = shown;
}
