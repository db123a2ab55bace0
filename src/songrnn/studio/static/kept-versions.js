// The tree of a kept tune's versions, and where the current one comes from.

const $ = (selector) => document.querySelector(selector);
const ORIGINS = { composed: "composed", rewritten: "some bars rewritten", edited: "changed by hand", imported: "imported" };

// go(number): makes a version the current one.
export function drawVersions({ versions, current }, go) {
  $("#version-count").textContent = versions.length;
  $("#version-list").replaceChildren(...branch(null, versions, current, go));
  const now = versions.find(({ number }) => number === current);
  $("#version-words").textContent = now.can_be_composed_again ? "Its settings and seed are kept: it can be composed again, exactly." : "";
  $("[data-action=compose-again]").hidden = !now.can_be_composed_again;
}

function branch(parent, versions, current, go) {
  return versions
    .filter((version) => version.parent === parent)
    .map((version) => {
      const row = document.createElement("li");
      const button = Object.assign(document.createElement("button"), { type: "button", className: "link" });
      button.textContent = `${version.number}: ${ORIGINS[version.origin]}, ${new Date(version.made_at).toLocaleString()}`;
      if (version.number === current) button.setAttribute("aria-current", "true");
      button.addEventListener("click", () => go(version.number));
      row.append(button);
      const children = branch(version.number, versions, current, go);
      if (children.length) row.append(Object.assign(document.createElement("ul"), {}));
      row.querySelector("ul")?.append(...children);
      return row;
    });
}
