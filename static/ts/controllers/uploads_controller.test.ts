import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { droppedFiles } from "../lib/uploads/folders";
import { UploadLine } from "../lib/uploads/line";
import { find, say } from "../page.testing";

beforeEach(() =>
  say({
    fileWaiting: "等待上传",
    fileSending: "上传中 {percent}%",
    fileChecking: "已送达，检查中",
    fileAccepted: "已收到",
    fileRejected: "未接收",
    fileQuestion: "待您确认",
  }),
);
afterEach(() => vi.restoreAllMocks());

function line(): UploadLine {
  const html = `<template><li class="file"><svg><use href="/i.svg#i-upload"/></svg><span data-part="name"></span><progress max="100"></progress><span data-part="state"></span><div data-part="say"></div></li></template><ul></ul>`;
  const page = new DOMParser().parseFromString(html, "text/html");
  document.body.replaceChildren(...page.body.childNodes);
  const drawn = new UploadLine(find<HTMLTemplateElement>("template"), "<b>1.jpg");
  find("ul").append(drawn.element);
  return drawn;
}

test("a file's line tells its way in words and ends in the server's verdict", () => {
  const drawn = line();
  expect(find("[data-part=name]").textContent).toBe("<b>1.jpg");
  drawn.progress(1, 3);
  expect(find("[data-part=state]").textContent).toBe("上传中 33%");
  drawn.ingesting();
  expect(find("[data-part=state]").textContent).toBe("已送达，检查中");
  drawn.result({
    status: "done",
    sentence: "",
    files: [{ name: "1.jpg", verdict: "accepted", sentence: "", image_id: "i" }],
  });
  expect(find("li").className).toBe("file file-ok");
  expect(find("use").getAttribute("href")).toBe("/i.svg#i-ok");
});

test("a first look stands until the photograph itself has been judged", () => {
  const drawn = line();
  drawn.looked({ verdict: "other", sentence: "初看：不像眼底照片。" });
  expect(find("[data-part=say]").textContent).toBe("初看：不像眼底照片。");
  expect(find("li").className).toBe("file file-warn");
  drawn.result({
    status: "done",
    sentence: "",
    files: [{ name: "1.jpg", verdict: "accepted", sentence: "", image_id: "i" }],
  });
  expect(find("[data-part=say]").textContent).toBe("");
  drawn.looked({ verdict: "other", sentence: "初看：不像眼底照片。" });
  expect(find("[data-part=say]").textContent).toBe("");
  expect(find("li").className).toBe("file file-ok");
});

test("of an archive the worst verdict counts, and each odd file is named", () => {
  line().result({
    status: "done",
    sentence: "",
    files: [
      { name: "a.jpg", verdict: "accepted", sentence: "", image_id: "i" },
      { name: "b.jpg", verdict: "question", sentence: "拍摄于 9:12。", image_id: "j" },
      { name: "c.tif", verdict: "rejected", sentence: "暂不接收 TIFF。", image_id: null },
    ],
  });
  expect(find("li").className).toBe("file file-bad");
  expect([...find("[data-part=say]").children].map((p) => p.textContent)).toEqual([
    "b.jpg：拍摄于 9:12。",
    "c.tif：暂不接收 TIFF。",
  ]);
});

test("a file refused at the door says why", () => {
  line().result({ status: "refused", sentence: "文件过大。", files: [] });
  expect(find("[data-part=state]").textContent).toBe("未接收");
  expect(find("[data-part=say]").textContent).toBe("文件过大。");
});

type Tree = { [name: string]: Tree | null };

function entry(name: string, tree: Tree | null): FileSystemEntry {
  const file = {
    isFile: true,
    name,
    file: (take: (file: File) => void) => take(new File(["x"], name)),
  };
  const inside = Object.entries(tree ?? {}).map(([key, value]) => entry(key, value));
  const folder = {
    isFile: false,
    name,
    createReader: () => ({
      readEntries: (take: (entries: FileSystemEntry[]) => void) => take(inside.splice(0, 2)),
    }),
  };
  return (tree === null ? file : folder) as unknown as FileSystemEntry;
}

test("a dropped folder is opened to the bottom, and what the system left in it stays out", async () => {
  const tree: Tree = {
    "b.jpg": null,
    "a.jpg": null,
    "Thumbs.db": null,
    ".DS_Store": null,
    left: { "d.dcm": null, deeper: { "e.dcm": null } },
  };
  const items = [
    { kind: "file", webkitGetAsEntry: () => entry("study", tree) },
    { kind: "string", webkitGetAsEntry: () => null },
    { kind: "file", getAsFile: () => new File(["x"], "single.png") },
  ];
  const files = await droppedFiles({ items } as unknown as DataTransfer);
  expect(files.map(({ name }) => name)).toEqual(["a.jpg", "b.jpg", "d.dcm", "e.dcm", "single.png"]);
});
