// Lets a bench hear what the page hears and plays: a recorder between them, on one audio clock.
// Runs before the page's own scripts, which know nothing of it.

(() => {
  const RECORDER = "/bench/tap-recorder.js"; // the bench answers for this address
  const recorders = new WeakMap();
  const withRecorder = new WeakMap();
  const waiting = [];
  const recording = { blocks: [], context: null };
  window.vivaRecording = recording;

  /** Settles when at least so many blocks (half seconds) are recorded. */
  recording.reached = (blocks) =>
    new Promise((done) => {
      waiting.push({ blocks, done });
      notify();
    });

  /** Blocks `from` to `to` as base64: Int16, microphone and loudspeaker in turn. */
  recording.read = (from, to) =>
    new Promise((done) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
      reader.readAsDataURL(new Blob(recording.blocks.slice(from, to)));
    });

  function notify() {
    for (const { blocks, done } of waiting) if (recording.blocks.length >= blocks) done();
  }

  const addModule = AudioWorklet.prototype.addModule;
  AudioWorklet.prototype.addModule = async function (...args) {
    if (!withRecorder.has(this)) withRecorder.set(this, addModule.call(this, RECORDER));
    await withRecorder.get(this);
    return addModule.apply(this, args);
  };

  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (...args) {
    if (this instanceof MediaStreamAudioSourceNode) {
      connect.call(this, recorderOf(this.context), 0, 0);
    } else if (this instanceof AudioWorkletNode && this.numberOfInputs === 0) {
      connect.call(this, recorderOf(this.context), 0, 1);
    }
    return connect.apply(this, args);
  };

  function recorderOf(context) {
    if (!recorders.has(context)) {
      const node = new AudioWorkletNode(context, "bench-recorder", {
        numberOfInputs: 2,
        numberOfOutputs: 1,
        channelCount: 1,
        channelCountMode: "explicit",
      });
      node.port.onmessage = ({ data }) => {
        recording.blocks.push(data);
        notify();
      };
      connect.call(node, context.destination); // it writes nothing, but only what is connected runs
      recorders.set(context, node);
      recording.context = context;
    }
    return recorders.get(context);
  }
})();
