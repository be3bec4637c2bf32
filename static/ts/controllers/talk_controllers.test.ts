import { beforeEach, expect, test, vi } from "vitest";
import { tellUnlocked } from "../lib/lock";
import { draw, find, json, serve, tick } from "../page.testing";
import { FormController } from "./form_controller";
import { TalkController } from "./talk_controller";
import { TalkSeenController } from "./talk_seen_controller";

const PAGE = `
<section data-controller="talk">
  <form data-controller="form" data-talk-target="form" data-form-url-value="/api/cases/1/discussion" data-form-stay-value="true"
    data-action="submit->talk#name:capture form:done->talk#sent">
    <input type="hidden" name="key" value=""><input type="hidden" name="thread_id" value=""><input type="hidden" name="amends_id" value="">
    <p data-talk-target="about" hidden><span data-talk-target="label" data-reply="回复第 {n} 条" data-amend="修订第 {n} 条"></span></p>
    <textarea name="text" data-talk-target="text"></textarea><input type="checkbox" name="to[]" data-list value="a">
    <button type="submit" name="kind" value="question" data-talk-target="send" data-mode="question">提问</button>
    <button type="submit" name="kind" value="answer" data-talk-target="send" data-mode="answer" hidden>答复</button>
    <button type="submit" name="kind" value="remark" data-talk-target="send" data-mode="remark">留言</button>
    <button type="submit" name="kind" value="remark" data-talk-target="send" data-mode="amend" hidden>修订</button>
  </form>
  <div class="talk-msg"><p class="talk-text">散瞳了吗？</p>
    <button id="reply" type="button" data-action="talk#turn" data-thread="t1" data-asks="true" data-number="1"></button>
    <button id="amend" type="button" data-action="talk#turn" data-amends="m1" data-number="1"></button>
  </div>
</section>`;

function shown(): string[] {
  const buttons = [...document.querySelectorAll<HTMLButtonElement>("[data-mode]")];
  return buttons.filter((button) => !button.hidden).map((button) => button.dataset.mode ?? "");
}

function press(isComposing = false): boolean {
  const stroke = { code: "Enter", ctrlKey: true, bubbles: true, cancelable: true, isComposing };
  let hasLeft = false;
  document.addEventListener("keydown", () => (hasLeft = true), { once: true });
  find("textarea").dispatchEvent(new KeyboardEvent("keydown", stroke));
  return hasLeft;
}

async function drawTalk(): Promise<void> {
  await draw(PAGE, { form: FormController, talk: TalkController });
}

beforeEach(() => vi.useRealTimers());

test("Ctrl+Enter sends the message and reaches nothing that would sign", async () => {
  const asked = serve(() => json({ id: "m9" }));
  await drawTalk();
  const area = find<HTMLTextAreaElement>("textarea");
  area.value = "左眼？";
  expect(press()).toBe(false);
  await vi.waitFor(() => expect(asked.length).toBe(1));
  const body = asked[0]?.body as { [name: string]: unknown };
  expect(body).toMatchObject({ text: "左眼？", kind: "question", thread_id: null });
  expect(body.key).toMatch(/^[0-9a-f]{32}$/);
  await vi.waitFor(() => expect(area.value).toBe(""));
  expect(find<HTMLInputElement>("[name=key]").value).toBe("");
});

test("a stroke of an input method sends nothing", async () => {
  const asked = serve(() => json({}));
  await drawTalk();
  find<HTMLTextAreaElement>("textarea").value = "左";
  press(true);
  await new Promise((wait) => setTimeout(wait, 20));
  expect(asked.length).toBe(0);
});

test("what did not arrive is sent again as the same message", async () => {
  let isAway = true;
  const asked = serve(() => {
    if (isAway) {
      isAway = false;
      throw new TypeError("away");
    }
    return json({ id: "m9" });
  });
  await drawTalk();
  find<HTMLTextAreaElement>("textarea").value = "左眼？";
  press();
  await vi.waitFor(() => expect(asked.length).toBe(1));
  await vi.waitFor(() =>
    expect(find("[data-mode=question]").hasAttribute("aria-busy")).toBe(false),
  );
  expect(find<HTMLTextAreaElement>("textarea").value).toBe("左眼？");
  press();
  await vi.waitFor(() => expect(asked.length).toBe(2));
  const keys = asked.map(({ body }) => (body as { key: string }).key);
  expect(keys[1]).toBe(keys[0]);
});

test("the form says what it is about, and offers only what fits", async () => {
  await drawTalk();
  expect(shown()).toEqual(["question", "remark"]);
  find("#reply").click();
  expect(find("[data-talk-target=label]").textContent).toBe("回复第 1 条");
  expect(find<HTMLInputElement>("[name=thread_id]").value).toBe("t1");
  expect(shown()).toEqual(["answer", "remark"]);
  find("#amend").click();
  expect(find("[data-talk-target=label]").textContent).toBe("修订第 1 条");
  expect(find<HTMLTextAreaElement>("textarea").value).toBe("散瞳了吗？");
  expect(find<HTMLInputElement>("[name=thread_id]").value).toBe("");
  expect(shown()).toEqual(["amend"]);
});

test("what is new is told as read once, when it is before the reader", async () => {
  let see: (isIntersecting: boolean) => void = () => undefined;
  class Watcher {
    constructor(call: (seen: { isIntersecting: boolean }[]) => void) {
      see = (isIntersecting) => call([{ isIntersecting }]);
    }
    observe(): void {}
    disconnect(): void {}
  }
  vi.stubGlobal("IntersectionObserver", Watcher);
  const asked = serve(() => json({ number: 3 }));
  await draw(
    `<div data-controller="talk-seen" data-talk-seen-url-value="/read" data-talk-seen-newest-value="3" data-talk-seen-unread-value="2">
      <ol data-talk-seen-target="list"></ol></div>`,
    { "talk-seen": TalkSeenController },
  );
  see(false);
  document.documentElement.className = "is-locked";
  see(true);
  await tick();
  expect(asked.length).toBe(0);
  document.documentElement.className = "";
  tellUnlocked();
  see(true);
  await vi.waitFor(() => expect(asked.map(({ body }) => body)).toEqual([{ number: 3 }]));
  vi.unstubAllGlobals();
});
