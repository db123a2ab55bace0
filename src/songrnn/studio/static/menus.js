// Every <details class="menu">: closed by a click elsewhere, and by Escape, which gives the focus back to its button.

document.addEventListener("click", ({ target }) => {
  for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false;
});

document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

function openMenus() {
  return document.querySelectorAll("details.menu[open]");
}
