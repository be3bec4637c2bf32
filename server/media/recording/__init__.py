"""Recording without decoding: the packets that a room passes on, as one sealed file a source.

Pure: `ebml`, `webm`, `reordering`, `frames`, `vp8`, `h264`, `opus`, `clocks`, `sealing`,
`manifest`. `recorder` is what a room uses and `session` one part of it, on the loop; `writing`,
`part` and `track_file` run in a thread, `outbox` has the folder where parts wait for web.
"""
