// Statistics for tests and for debugging: window.vivaStats.

export const stats = {
  underruns: 0, // gaps inside a generation that no mark explains
  maxGapMs: 0, // the longest of them
  gaps: [], // every wait inside a generation: {ms, afterMark}
  flushMs: [], // from the flush's arrival to its answer
  played: {}, // generation -> samples at 24 kHz
  marks: [], // ids in the order they were answered
  stray: 0, // frames of no generation
  connects: 0, // sockets opened
  framesSent: 0,
  framesDropped: 0,
  roundTripMs: null,
  committed: 0, // turns the server has acknowledged
};

window.vivaStats = stats;
