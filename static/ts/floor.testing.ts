/** What Chromium 109 does not know, and how it is found in our own sources (U9). */
export interface Fault {
  line: number;
  what: string;
}

const NEW_CSS: [string, RegExp][] = [
  ["color-mix()", /\bcolor-mix\(/],
  ["oklch(), oklab(), lch(), lab()", /\b(?:oklch|oklab|lch|lab)\(/],
  ["light-dark()", /\blight-dark\(/],
  ["relative colour", /\b(?:rgb|hsl|hwb)\(\s*from\b/],
  ["subgrid", /\bsubgrid\b/],
  ["text-wrap", /\btext-wrap\b/],
  ["popover", /:popover-open/],
  [":user-invalid, :user-valid", /:user-(?:in)?valid/],
  ["@scope", /@scope\b/],
  ["@starting-style", /@starting-style\b/],
  ["@view-transition", /@view-transition\b/],
  ["anchor positioning", /\banchor(?:-name|-size)?\s*[(:]/],
  ["field-sizing", /\bfield-sizing\b/],
  ["interpolate-size", /\binterpolate-size\b/],
  ["scrollbar-color", /\bscrollbar-(?:color|width)\b/],
  ["animation-timeline", /\banimation-timeline\b/],
  ["trigonometry", /\b(?:sin|cos|tan|atan2|round|mod|rem)\(/],
  [":dir()", /:dir\(/],
  ["style container query", /@container\s+style\(/],
  ["if()", /:\s*if\(/],
];

const NEW_SCRIPT: [string, RegExp][] = [
  ["Array.toSorted and its kind", /\.(?:toSorted|toReversed|toSpliced)\(/],
  ["Array.with", /\.with\(/],
  ["Array.fromAsync", /\bArray\.fromAsync\b/],
  ["groupBy", /\b(?:Object|Map)\.groupBy\b/],
  ["Promise.withResolvers, Promise.try", /\bPromise\.(?:withResolvers|try)\b/],
  [
    "Set methods",
    /\.(?:isSubsetOf|isSupersetOf|isDisjointFrom|symmetricDifference|intersection|difference|union)\(/,
  ],
  [
    "iterator helpers",
    /\.(?:values|keys|entries)\(\)\.(?:map|filter|toArray|some|every|find|take|drop)\(/,
  ],
  ["URL.canParse, URL.parse", /\bURL\.(?:canParse|parse)\b/],
  ["AbortSignal.any", /\bAbortSignal\.any\b/],
  ["popover", /\b(?:showPopover|hidePopover|togglePopover)\b/],
  ["dialog.requestClose", /\.requestClose\(/],
  ["setHTML", /\.(?:setHTML|setHTMLUnsafe|parseHTMLUnsafe)\b/],
  ["scheduler", /\bscheduler\.(?:yield|postTask)\b/],
  ["view transitions", /\bstartViewTransition\b/],
  ["using", /^\s*(?:await\s+)?using\s+\w+\s*=/],
  ["Uint8Array.toHex, toBase64", /\.(?:toHex|toBase64|fromHex|fromBase64)\(/],
  ["moveBefore", /\.moveBefore\(/],
  ["crypto.randomUUID (secure contexts only)", /\brandomUUID\(/],
  ["crypto.subtle (secure contexts only)", /\bcrypto\.subtle\b/],
  ["EventSource (hides heartbeats; use lib/stream.ts)", /\bnew EventSource\b/],
];

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "));
}

function search(text: string, list: [string, RegExp][]): Fault[] {
  return text
    .split("\n")
    .flatMap((line, at) =>
      list.filter(([, form]) => form.test(line)).map(([what]) => ({ line: at + 1, what })),
    );
}

/** Rules inside rules: only at-rules may hold others. */
function nesting(text: string): Fault[] {
  const open: string[] = [];
  const faults: Fault[] = [];
  let line = 1;
  for (const [, head = "", sign] of text.matchAll(/([^{};]*)([{};])/g)) {
    line += head.split("\n").length - 1;
    if (sign === "{" && open.some((outer) => !outer.startsWith("@"))) {
      faults.push({ line, what: "nesting" });
    }
    if (sign === "{") {
      open.push(head.trim());
    } else if (sign === "}") {
      open.pop();
    }
  }
  return faults;
}

export function faultsOfCss(text: string): Fault[] {
  const bare = withoutComments(text);
  return [...search(bare, NEW_CSS), ...nesting(bare)];
}

export function faultsOfScript(text: string): Fault[] {
  return search(withoutComments(text).replace(/(^|\s)\/\/.*$/gm, "$1"), NEW_SCRIPT);
}
