// element("p", { className: "hint", ariaLabel: "..." }, "text", anotherElement)
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
