// A tune in an address: the fragment holds its ABC, which no server sees before the page is open.

const NAME = "#abc=";

export function linkTo(abc, path = "/") {
  const bytes = new TextEncoder().encode(abc);
  const text = btoa(String.fromCharCode(...bytes));
  return `${path}${NAME}${text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}

const KEPT = /^#tune=(\d+)$/;

// The address that puts a kept tune on the desk, and, when the page has it, the number of the tune or null.
export function toDesk(number) {
  return `/#tune=${number}`;
}

export function numberInAddress() {
  const number = KEPT.exec(location.hash)?.[1] ?? null;
  if (number) history.replaceState(null, "", location.pathname + location.search);
  return number;
}

// The tune in this page's address, or null; it is taken out of the address, so that a reload does not bring it again.
export function tuneInAddress() {
  if (!location.hash.startsWith(NAME)) return null;
  const text = location.hash.slice(NAME.length).replaceAll("-", "+").replaceAll("_", "/");
  history.replaceState(null, "", location.pathname + location.search);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)));
  } catch {
    return null; // no tune, or half of one
  }
}
