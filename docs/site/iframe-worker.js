// Search from the disk. Browsers refuse workers to pages with a file: address; there the script of the search runs in
// a hidden frame, and messages to and from it are events of that frame.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      const script = new URL(address, location.href);
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.srcdoc =
        "<!doctype html><script>" +
        "postMessage = data => frameElement.dispatchEvent(new MessageEvent('message', { data }));" +
        `</${"script"}><script src="${script}"></${"script"}>`;
      this.frame.addEventListener("message", event => this.dispatchEvent(new MessageEvent("message", { data: event.data })));
      this.loaded = new Promise(done => this.frame.addEventListener("load", done));
      document.body.append(this.frame);
    }
    postMessage(data) {
      this.loaded.then(() => this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data })));
    }
    terminate() {
      this.frame.remove();
    }
  };
}
