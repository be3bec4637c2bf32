"""What a page of Chromium needs to be in a room, without a page of ours, and how it is started."""

from typing import Final

ROOM_FLAGS: Final = (
    *("--no-sandbox", "--disable-gpu", "--mute-audio", "--no-first-run"),
    *("--use-fake-device-for-media-stream=fps=30", "--use-fake-ui-for-media-stream"),
    *("--autoplay-policy=no-user-gesture-required", "--disable-background-timer-throttling"),
    *("--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows"),
    *("--disable-features=WebRtcHideLocalIpsWithMdns", "--allow-loopback-in-peer-connection"),
)
"""A camera and a microphone that are made up, no question about them, and loopback allowed."""

ROOM_SCRIPT: Final = """
const frames = {};
let line, pub, sub, code;
let anew = 0;
let size = { width: 320, height: 240, frameRate: 15 };
function complete(peer) {
  return new Promise((done) => {
    const look = () => peer.iceGatheringState === "complete" && done();
    peer.onicegatheringstatechange = look;
    look();
  });
}
async function publish(codec) {
  const peer = new RTCPeerConnection();
  pub = peer;
  peer.onconnectionstatechange = () => {
    if (peer.connectionState === "failed" && peer === pub) publish(codec);
  };
  const got = await navigator.mediaDevices.getUserMedia(
    { audio: true, video: size });
  for (const track of got.getTracks()) {
    const section = pub.addTransceiver(track, { direction: "sendonly" });
    if (track.kind === "video") {
      const known = RTCRtpSender.getCapabilities("video").codecs;
      section.setCodecPreferences(
        known.filter((each) => [`video/${codec}`, "video/rtx"].includes(each.mimeType)));
    }
  }
  await pub.setLocalDescription();
  await complete(pub);
  const sources = {};
  for (const section of pub.getTransceivers()) {
    sources[section.mid] = section.sender.track.kind === "video" ? "camera" : "microphone";
  }
  line.send(JSON.stringify(
    { say: "publish", offer: pub.localDescription.sdp, sources, anew: true }));
}
async function takeOffer(told) {
  if (!sub) {
    const peer = new RTCPeerConnection();
    sub = peer;
    peer.onconnectionstatechange = () => {
      if (peer.connectionState !== "failed" || peer !== sub) return;
      sub = undefined;
      anew += 1;
      line.send(JSON.stringify({ say: "receive", anew: true }));
    };
    sub.ontrack = (event) => {
      const show = document.createElement(event.track.kind);
      show.autoplay = true;
      show.muted = event.track.kind === "video";
      show.srcObject = new MediaStream([event.track]);
      document.body.append(show);
    };
  }
  await sub.setRemoteDescription({ type: "offer", sdp: told.offer });
  await sub.setLocalDescription();
  await complete(sub);
  line.send(JSON.stringify(
    { say: "answer", number: told.number, answer: sub.localDescription.sdp }));
}
function enter(path, codec) {
  line = new WebSocket(`ws://${location.host}${path}`);
  line.onclose = (event) => { code = event.code; };
  line.onmessage = async (event) => {
    const told = JSON.parse(event.data);
    if (told.told === "welcome") await publish(codec);
    if (told.told === "published") {
      await pub.setRemoteDescription({ type: "answer", sdp: told.answer });
    }
    if (told.told === "offer") await takeOffer(told);
  };
}
async function halve() {
  const sender = pub.getSenders().find((each) => each.track.kind === "video");
  const told = sender.getParameters();
  told.encodings[0].scaleResolutionDownBy = 2;
  await sender.setParameters(told);
}
async function counted() {
  const found = { video: 0, audio: 0, energy: 0, codec: "", code };
  Object.assign(found, { lost: 0, concealed: 0, samples: 0 });
  Object.assign(found, { frozen_s: 0, asked_again: 0, width: 0, anew });
  if (!sub) return found;
  const stats = await sub.getStats();
  for (const each of stats.values()) {
    if (each.type !== "inbound-rtp") continue;
    if (each.kind === "video") {
      found.video += each.framesDecoded || 0;
      found.frozen_s += each.totalFreezesDuration || 0;
      found.asked_again += each.nackCount || 0;
      found.width = each.frameWidth || found.width;
      found.codec = stats.get(each.codecId)?.mimeType || found.codec;
    } else {
      found.audio += each.packetsReceived;
      found.lost += each.packetsLost || 0;
      found.concealed += each.concealedSamples || 0;
      found.samples += each.totalSamplesReceived || 0;
      found.energy += each.totalAudioEnergy || 0;
    }
  }
  return found;
}
"""
"""`enter(path, codec)` joins by a WebSocket; `counted()` says what was seen and heard since."""
