/** One device of one person, as the room tells of it. */
export interface Member {
  participant: string;
  person: string;
  role: string;
  sources: string[];
  is_silent: boolean;
  is_away: boolean;
}

/** One person, with however many devices: shown and counted once (U30). */
export interface Seat {
  person: string;
  isMuted: boolean;
  isDark: boolean;
  isShowing: boolean;
  isAway: boolean;
}

/** Everybody but oneself, in the order in which they came. */
export function seatsOf(people: Member[], me: string): Seat[] {
  const persons = [...new Set(people.map(({ person }) => person))].filter((each) => each !== me);
  return persons.map((person) => {
    const own = people.filter((each) => each.person === person);
    const sends = new Set(own.flatMap(({ sources }) => sources));
    return {
      person,
      isMuted: !sends.has("microphone"),
      isDark: !sends.has("camera"),
      isShowing: sends.has("screen"),
      isAway: own.every(({ is_away, is_silent }) => is_away || is_silent),
    };
  });
}

function named(participant: string, sources: string[]): string[] {
  return sources.map((source) => `${participant} ${source}`);
}

/** What a device should be receiving: all that others send, or their sound alone. */
export function awaited(people: Member[], me: string, takesVideo: boolean): string[] {
  return people
    .filter(({ person }) => person !== me)
    .flatMap(({ participant, sources }) => named(participant, sources))
    .filter((each) => takesVideo || / (microphone|screen-sound)$/.test(each))
    .sort();
}

/** Whether the room has of this device what the device sends. */
export function isKnown(people: Member[], participant: string, sending: string[]): boolean {
  const told = people.find((each) => each.participant === participant)?.sources ?? [];
  return [...told].sort().join() === [...sending].sort().join();
}
