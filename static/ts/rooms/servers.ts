import { send } from "../lib/api";

interface RelayAnswer {
  urls: string[];
  username: string;
  credential: string;
}

/** The relay of this installation; none where none is set, or it cannot be had now. */
export async function askServers(): Promise<RTCIceServer[]> {
  const answer = await send("/api/connection/relay", { body: {} });
  if (answer.kind !== "done") {
    return [];
  }
  const { urls, username, credential } = answer.data as unknown as RelayAnswer;
  return urls.length === 0 ? [] : [{ urls, username, credential }];
}
