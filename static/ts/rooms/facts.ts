import { send } from "../lib/api";
import type { Ending } from "./endings";

interface RoomPerson {
  name: string;
  name_en: string;
  institution: string;
  institution_en: string;
  /** of somebody without an account, for the house: matched, not_matched, not_on_file */
  identity: string | null;
}

/** One person whom the call rings, in her turn; `is_heard`: a page of hers rang. */
export interface Rung {
  person_id: string;
  state: string;
  is_heard: boolean;
}

/** What the server says of a case's rooms; names are the register's, never a browser's. */
export interface RoomFacts {
  open_room_id: string | null;
  may_call: boolean;
  role: string | null;
  own_knock: { state: string } | null;
  knocks: { person_id: string; state: string }[];
  rooms: { room_id: string; host_id: string }[];
  ring: { outcome: string; people: Rung[] } | null;
  people: Record<string, RoomPerson>;
}

/** How somebody is called in the language of the page. */
export interface Named {
  name: string;
  place: string;
}

/** The facts, or nothing where they cannot be had now. */
export async function readRoom(url: string): Promise<RoomFacts | undefined> {
  const answer = await send(url, { method: "GET" });
  return answer.kind === "done" ? (answer.data as unknown as RoomFacts) : undefined;
}

/** Whether somebody whose line was cut may come in again; "again" where that cannot be known. */
export async function mayComeAgain(url: string): Promise<Ending> {
  const facts = await readRoom(url);
  if (facts === undefined) {
    return "again";
  }
  if (facts.open_room_id === null) {
    return "over";
  }
  return facts.role === null ? "out" : "again";
}

/** A person's name and institution; empty where the server has not told them yet. */
export function nameOf(facts: RoomFacts | undefined, person: string): Named {
  const found = facts?.people[person];
  if (found === undefined) {
    return { name: "", place: "" };
  }
  const { name, name_en, institution, institution_en } = found;
  return document.documentElement.lang === "en"
    ? { name: name_en || name, place: institution_en || institution }
    : { name, place: institution };
}

/** The host of the room that is open now. */
export function hostOf(facts: RoomFacts): string {
  return facts.rooms.find(({ room_id }) => room_id === facts.open_room_id)?.host_id ?? "";
}
