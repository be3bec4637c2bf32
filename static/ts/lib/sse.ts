/** One message of an event stream (HTML Standard, server-sent events). */
export interface Message {
  event: string;
  data: string;
  id: string;
}

/**
 * Cuts a byte stream into messages. EventSource hides comments, and a heartbeat is a comment:
 * a page that must know within 20 s that a proxy swallows its stream has to read them itself.
 */
export class Cutter {
  #rest = "";
  #event = "";
  #data: string[] = [];
  #id = "";

  take(text: string): Message[] {
    const all = this.#rest + text;
    // a line end of two characters may be torn between them
    const torn = all.endsWith("\r") ? "\r" : "";
    const lines = all.slice(0, all.length - torn.length).split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? "") + torn;
    return lines.map((line) => this.#line(line)).filter((message) => message !== null);
  }

  #line(line: string): Message | null {
    if (line === "") {
      return this.#finish();
    }
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === "event") {
      this.#event = value;
    } else if (field === "data") {
      this.#data.push(value);
    } else if (field === "id") {
      this.#id = value;
    }
    return null;
  }

  #finish(): Message | null {
    const message = {
      event: this.#event || "message",
      data: this.#data.join("\n"),
      id: this.#id,
    };
    const empty = this.#data.length === 0;
    this.#event = "";
    this.#data = [];
    return empty ? null : message;
  }
}
