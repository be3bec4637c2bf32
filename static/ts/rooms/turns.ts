/** One turn to speak, as the server tells of it. */
export interface Turn {
  person_id: string;
  name: string;
  name_en: string;
  institution: string;
  institution_en: string;
  is_speaking: boolean;
  is_here: boolean;
  is_mine: boolean;
}

/** One line of the speaker list. */
export interface TurnLook {
  person: string;
  name: string;
  place: string;
  /** speaking, next, or waiting; `number` counts those who wait from 1 */
  state: string;
  number: number;
  isAway: boolean;
}

/** The lines of the list in the language of the page, in the server's order. */
export function looksOf(turns: Turn[], isEnglish: boolean): TurnLook[] {
  const waiting = turns.filter(({ is_speaking }) => !is_speaking);
  return turns.map((each) => {
    const number = waiting.indexOf(each) + 1;
    return {
      person: each.person_id,
      name: (isEnglish && each.name_en) || each.name,
      place: (isEnglish && each.institution_en) || each.institution,
      state: stateOf(each, number),
      number,
      isAway: !each.is_here,
    };
  });
}

/** How one's own turn stands: none, speaking, next or waiting. */
export function ownOf(turns: Turn[]): string {
  const waiting = turns.filter(({ is_speaking }) => !is_speaking);
  const own = turns.find(({ is_mine }) => is_mine);
  return own === undefined ? "none" : stateOf(own, waiting.indexOf(own) + 1);
}

/** What the host may do with a turn: whoever speaks loses the word, whoever waits gets it. */
export function leadsOf(state: string): string[] {
  return state === "speaking" ? ["take"] : ["give", "lower"];
}

function stateOf({ is_speaking }: Turn, number: number): string {
  return is_speaking ? "speaking" : number === 1 ? "next" : "waiting";
}
