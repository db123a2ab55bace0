// What the page keeps in this browser, so that nothing is lost when it is closed or the server is restarted.

const KEY = "songrnn-studio-1";

export function store(value) {
  try {
    localStorage.setItem(KEY, JSON.stringify(value));
  } catch {
    // a browser that keeps nothing, or is full: the page works all the same
  }
}

export function restored() {
  try {
    return JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
}
