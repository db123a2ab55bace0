"use strict";

for (const button of document.querySelectorAll("button[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copies);
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(text); // no clipboard for a page opened from the disk: select, the user copies
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}

// A score or a sound stands in the page once; its download link shares the address of the element that shows it.
for (const link of document.querySelectorAll("a[data-copies]")) {
  link.href = document.getElementById(link.dataset.copies).src;
}
