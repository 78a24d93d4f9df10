/** The one module that talks to the server: commands with their answers, messages, frames, uploads and downloads. */

/**
 * @import { Drawn, FromPage, FromServer } from "#page/messages.js"
 * @import { Link } from "#page/live.js"
 */

/**
 * @template C
 * @typedef {C extends unknown ? Omit<C, "id"> : never} WithoutId
 */

/** @typedef {WithoutId<Exclude<FromPage, Drawn>>} Command */

/**
 * @typedef {object} Ears
 * @property {(message: FromServer) => void} hear A message that is no answer to a command.
 * @property {(frame: ArrayBuffer) => void} see
 * @property {(link: Link, reason: string | null) => void} link A reason of null: it is the session from before.
 */

const WAITS = [300, 700, 1500, 3000, 5000]; // milliseconds before each further attempt to connect
const NO_RETRY = [1002, 1003, 1007, 1008, 1009]; // close codes after which the same page would be refused again

const KEPT = "glassnet-session"; // where the browser keeps, for this tab, the session that a reload goes back to

/** A command that was refused, in the server's words. */
export class Refusal extends Error {}

/** @param {Ears} ears */
export function connect({ hear, see, link }) {
  let id = 0;
  let attempt = 0;
  let session = leftBefore();
  let isOpened = false; // whether the session has data
  let isElsewhere = false; // whether a reader has changed the address, which a reload then follows
  addEventListener("hashchange", () => (isElsewhere = true));
  addEventListener("pagehide", () => stay(isOpened && !isElsewhere ? session : ""));
  /** @type {WebSocket} */
  let socket;
  /** @type {Map<number, { done: () => void, refuse: (reason: Error) => void }>} */
  const waiting = new Map();

  function open() {
    const at = new URL("socket", document.baseURI);
    at.searchParams.set("session", session); // also after the connection was lost
    at.protocol = at.protocol.replace("http", "ws");
    let refusal = "";
    let isOpen = false;
    socket = new WebSocket(at);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      attempt = 0;
    });
    socket.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") return see(data);
      /** @type {FromServer} */
      const message = JSON.parse(data);
      if (message.type === "done") settle(message.id)?.done();
      else if (message.type === "refused" && message.id !== null)
        settle(message.id)?.refuse(new Refusal(message.message));
      else if (message.type === "refused" && !isOpen) refusal = message.message;
      else {
        if (message.type === "hello") {
          session = message.session;
          isOpened = false;
          isOpen = true;
          link("open", message.is_again ? null : "");
        }
        if (message.type === "data") isOpened = true;
        hear(message);
      }
    });
    socket.addEventListener("close", ({ code, reason }) => {
      for (const each of waiting.values()) each.refuse(new Refusal("The server has gone; nothing was changed."));
      waiting.clear();
      const words = refusal || reason;
      if (NO_RETRY.includes(code) || refusal !== "") return link("closed", words);
      link("lost", words);
      setTimeout(open, WAITS[Math.min(attempt++, WAITS.length - 1)]);
    });
  }

  /** @param {number} of */
  function settle(of) {
    const found = waiting.get(of);
    waiting.delete(of);
    return found;
  }

  open();
  return {
    /**
     * Resolves when the command was carried out; rejects with a `Refusal`.
     * @param {Command} command
     * @returns {Promise<void>}
     */
    send(command) {
      if (socket.readyState !== WebSocket.OPEN) return Promise.reject(new Refusal("There is no server at the moment."));
      id += 1;
      const sent = id;
      socket.send(JSON.stringify({ ...command, id: sent }));
      return new Promise((done, refuse) => waiting.set(sent, { done, refuse }));
    },
    /**
     * Tell the server that a frame has been drawn.
     * @param {number} frame
     */
    drawn(frame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "drawn", frame }));
    },
    /** Connect after the server has closed the connection for good. */
    again() {
      attempt = 0;
      link("connecting", "");
      open();
    },
    /**
     * Send a file; resolves with the name by which a session opens it.
     * @param {File} file
     * @param {(share: number) => void} tell How much of it has been sent.
     * @returns {Promise<string>}
     */
    upload(file, tell) {
      return new Promise((done, refuse) => {
        const request = new XMLHttpRequest();
        const at = new URL("upload", document.baseURI);
        at.searchParams.set("session", session);
        at.searchParams.set("name", file.name);
        request.open("POST", at);
        request.upload.addEventListener("progress", ({ loaded, total }) => tell(total > 0 ? loaded / total : 0));
        request.addEventListener("load", () => {
          const answer = answerOf(request.responseText);
          if (request.status < 300 && answer.upload !== undefined) done(answer.upload);
          else refuse(new Refusal(answer.message ?? `The server refused the file (${request.status}).`));
        });
        request.addEventListener("error", () =>
          refuse(new Refusal("The file could not be sent: the server has gone.")),
        );
        request.send(file);
      });
    },
    /**
     * Something to take away: its content, and the name of its file.
     * @param {string} kind
     * @returns {Promise<{ name: string, content: Blob }>}
     */
    download(kind) {
      return new Promise((done, refuse) => {
        const request = new XMLHttpRequest();
        const at = new URL(`download/${kind}`, document.baseURI);
        at.searchParams.set("session", session);
        request.open("GET", at);
        request.responseType = "blob";
        request.addEventListener("load", async () => {
          if (request.status < 300) return done({ name: nameOf(request), content: request.response });
          refuse(new Refusal((await request.response.text()) || `The server refused this (${request.status}).`));
        });
        request.addEventListener("error", () => refuse(new Refusal("There is no server at the moment.")));
        request.send();
      });
    },
  };
}

/** The session of this tab before it was reloaded; a tab that is made as a copy of this one finds none. */
function leftBefore() {
  try {
    const found = sessionStorage.getItem(KEPT) ?? "";
    sessionStorage.removeItem(KEPT);
    return found;
  } catch {
    return ""; // the browser keeps nothing
  }
}

/** @param {string} session */
function stay(session) {
  try {
    sessionStorage.setItem(KEPT, session);
  } catch {
    // Then a reload begins anew.
  }
}

/**
 * @param {string} text
 * @returns {{ upload?: string, message?: string }}
 */
function answerOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** @param {XMLHttpRequest} request */
function nameOf(request) {
  const found = /filename\*=UTF-8''([^;]+)/.exec(request.getResponseHeader("content-disposition") ?? "");
  return found === null ? "download" : decodeURIComponent(found[1]);
}
