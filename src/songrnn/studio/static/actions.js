// What can be done with the tune on the desk. A module of its own may add an action: it appears as a button at the tune.

const actions = [];
let place = null;
let tuneOf = () => null;

// label: of the button. run(tune): called with { abc, title, request, model }; request is null for a tune that was
// changed by hand.
export function addAction({ label, title = "", run }) {
  actions.push({ label, title, run });
  if (place) draw();
}

export function showActions(element, currentTune) {
  [place, tuneOf] = [element, currentTune];
  draw();
}

function draw() {
  for (const button of place.querySelectorAll("[data-added]")) button.remove();
  for (const { label, title, run } of actions) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: label, title });
    button.dataset.added = "";
    button.addEventListener("click", () => run(tuneOf(), button));
    place.append(button);
  }
}
