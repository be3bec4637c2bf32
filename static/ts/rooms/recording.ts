/** What the server says of the recording of a call. */
export interface RecordingFacts {
  state: string;
  why: string;
  began_at: string | null;
  own: string;
  may_lead: boolean;
  awaited: { name: string; name_en: string }[];
  refused_by: string[];
}

/** What the page shows of it: one sentence, the question or not, and the buttons that do something. */
export interface RecordingLook {
  says: string;
  asks: boolean;
  steps: string[];
  own: string;
}

/**
 * `heard` is what the room itself said last (on, paused, off): nobody is told that nothing is
 * recorded while it still is.
 */
export function lookOf(facts: RecordingFacts, heard: string): RecordingLook {
  const isLive = ["asked", "on", "paused"].includes(facts.state);
  return {
    says: sentenceOf(facts, heard),
    asks: isLive && facts.own === "none",
    steps: stepsOf(facts),
    own: isLive || facts.own === "refused" ? facts.own : "",
  };
}

function sentenceOf(facts: RecordingFacts, heard: string): string {
  if (heard === "on") {
    return "on";
  }
  if (facts.state === "on") {
    return "beginning";
  }
  if (facts.state === "paused") {
    return facts.why;
  }
  if (facts.state === "asked") {
    return facts.awaited.length > 0 ? "asked" : "beginning";
  }
  return facts.state === "ended" ? endOf(facts) : "";
}

function endOf({ why, began_at, refused_by }: RecordingFacts): string {
  if (why === "refused") {
    return refused_by[0] === undefined ? "" : `refused-${refused_by[0]}`;
  }
  return why === "failed" ? "failed" : began_at === null ? "" : "stopped";
}

function stepsOf(facts: RecordingFacts): string[] {
  return [...stepsOfAll(facts), ...(facts.may_lead ? stepsOfLeader(facts) : [])];
}

/** What everybody in the call may do. */
function stepsOfAll({ state, why }: RecordingFacts): string[] {
  return state === "on" || (state === "paused" && why === "consent") ? ["pause"] : [];
}

/** What only whoever called may do. */
function stepsOfLeader({ state, why, own, refused_by }: RecordingFacts): string[] {
  if (state === "asked") {
    return ["cancel"];
  }
  if (state === "on") {
    return ["stop"];
  }
  if (state === "paused") {
    return why === "private" && own === "agreed" ? ["resume", "stop"] : ["stop"];
  }
  return refused_by.length === 0 ? ["ask"] : [];
}
