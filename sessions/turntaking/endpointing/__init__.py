"""When an answer is over: how an utterance ends, how long to wait, what is a backchannel. Pure."""
