"""Scripts put into a page before its own: a microphone that speaks on demand, and taps on what the
page plays, shows and is sent. The page's own code knows nothing of them."""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.async_api import Page

MICROPHONE = """
(() => {
  const context = new AudioContext();
  const out = new MediaStreamAudioDestinationNode(context);
  const hiss = new AudioBufferSourceNode(context, { loop: true });
  hiss.buffer = new AudioBuffer({ length: context.sampleRate, sampleRate: context.sampleRate });
  const faint = hiss.buffer.getChannelData(0);
  for (let i = 0; i < faint.length; i++) faint[i] = (Math.random() - 0.5) * 4e-4;
  hiss.connect(out);
  hiss.start();
  navigator.mediaDevices.getUserMedia = async () => out.stream.clone();
  window.sayIt = async (encoded) => {
    await context.resume();
    const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
    const pcm = new Int16Array(bytes.buffer);
    const buffer = new AudioBuffer({ length: pcm.length, sampleRate: 16000 });
    buffer.getChannelData(0).forEach((_, i, data) => (data[i] = pcm[i] / 32768));
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(out);
    await new Promise((done) => {
      source.onended = done;
      source.start();
    });
  };
})();
"""

EARS = """
(() => {
  window.loudest = [0, 0];
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode && this.channelCount > 1) tap(this);
    return connect.call(this, to, ...rest);
  };
  function tap(node) {
    const splitter = new ChannelSplitterNode(node.context, { numberOfOutputs: 2 });
    connect.call(node, splitter);
    [0, 1].forEach((side) => {
      const analyser = new AnalyserNode(node.context, { fftSize: 2048 });
      const samples = new Float32Array(2048);
      connect.call(splitter, analyser, side);
      setInterval(() => {
        analyser.getFloatTimeDomainData(samples);
        const rms = Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
        window.loudest[side] = Math.max(window.loudest[side], rms);
      }, 40);
    });
  }
})();
"""

EYES = """
(() => {
  const now = () => performance.timeOrigin + performance.now();
  window.sent = {};
  window.shown = {};
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (typeof data !== "string") return;
        const { type, seq, at_ms: at } = JSON.parse(data);
        if (type === "caption" || type === "turn.committed") window.sent[seq] = at;
      });
    }
  };
  const note = (element) => {
    const seq = element?.dataset?.seq;
    if (seq !== undefined) window.shown[seq] ??= now();
  };
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "attributes") note(target);
      else for (const node of addedNodes) note(node);
    }
  }).observe(document, {
    subtree: true, childList: true, attributes: true, attributeFilter: ["data-seq"],
  });
})();
"""


async def say(page: Page, sound: NDArray[np.int16]) -> None:
    """Speak mono PCM16 16 kHz into the page's microphone; returns when it has been said."""
    encoded = base64.b64encode(sound.astype("<i2").tobytes()).decode()
    await page.evaluate("(encoded) => window.sayIt(encoded)", encoded)


async def lateness(page: Page, ahead_ms: float) -> list[float]:
    """How long after each event its words were in the page, in ms. `ahead_ms`: what the wall clock
    is ahead of the session's."""
    found: dict[str, Any] = await page.evaluate("({ sent: window.sent, shown: window.shown })")
    shown = found["shown"]
    return [shown[n] - ahead_ms - at for n, at in found["sent"].items() if n in shown]
