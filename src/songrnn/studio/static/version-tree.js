// <version-tree>: every version of the tunes, as a tree that one can go back in. Nothing is ever lost by undoing.

const MOST = 300;

class VersionTree extends HTMLElement {
  nodes = []; // { id, parent, label, abc, tune }
  current = null;

  // A new version after the current one, or, without `after`, a new beginning.
  add(label, abc, { after = true, tune = null } = {}) {
    const id = (this.nodes.at(-1)?.id ?? 0) + 1;
    const parent = after ? this.current : null;
    this.nodes.push({ id, parent, label, abc, tune: tune ?? (after ? this.node?.tune ?? null : null) });
    this.#forget();
    this.#go(id, false);
  }

  // The same text again is no new version; a text that grows by typing replaces the version that it began.
  replace(abc) {
    if (this.node) this.node.abc = abc;
  }

  get node() {
    return this.nodes.find(({ id }) => id === this.current) ?? null;
  }

  // What the tunebook has of the current version, or else of the nearest one that it was made from: { tune, version, abc }.
  get kept() {
    let { node } = this;
    while (node && !node.kept) node = this.nodes.find(({ id }) => id === node.parent);
    return node?.kept ?? null;
  }

  undo() {
    const parent = this.node?.parent;
    if (parent) this.#go(parent);
  }

  redo() {
    const children = this.nodes.filter(({ parent }) => parent === this.current);
    if (children.length) this.#go(children.at(-1).id);
  }

  get canUndo() {
    return Boolean(this.node?.parent);
  }

  get canRedo() {
    return this.nodes.some(({ parent }) => parent === this.current);
  }

  find(abc) {
    const found = this.nodes.find((node) => node.abc === abc && node.parent === null);
    if (found) this.#go(found.id, false);
    return Boolean(found);
  }

  save() {
    return { nodes: this.nodes, current: this.current };
  }

  restore({ nodes, current }) {
    Object.assign(this, { nodes, current });
    this.#draw();
  }

  #go(id, say = true) {
    this.current = id;
    this.#draw();
    if (say) this.dispatchEvent(new CustomEvent("go", { detail: this.node }));
  }

  #forget() {
    while (this.nodes.length > MOST) {
      const parents = new Set(this.nodes.map(({ parent }) => parent));
      const leaf = this.nodes.findIndex(({ id }) => !parents.has(id) && id !== this.current);
      this.nodes.splice(Math.max(0, leaf), 1);
    }
  }

  #draw() {
    this.replaceChildren(this.#branch(null));
    this.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  #branch(of) {
    const list = document.createElement("ul");
    for (const node of this.nodes.filter(({ parent }) => parent === of)) {
      const item = document.createElement("li");
      const button = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: node.label });
      if (node.id === this.current) button.setAttribute("aria-current", "true");
      button.addEventListener("click", () => this.#go(node.id));
      item.append(button);
      if (this.nodes.some(({ parent }) => parent === node.id)) item.append(this.#branch(node.id));
      list.append(item);
    }
    return list;
  }
}

customElements.define("version-tree", VersionTree);
