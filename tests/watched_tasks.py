"""The tasks outside a task group that a house test lets pass, each with who sees it fail."""

WATCHED_TASKS = {
    ("audio/interim_transcriber.py", "interim"): "waits for it, and takes its result",
    ("audio/providers/live_transcription/line.py", "__init__"): "logs its errors when it ends",
    ("audio/providers/realtime_pool.py", "_open"): "logs its errors when it is done",
    ("audio/providers/realtime_socket.py", "set_up"): "logs its errors when it is done",
    ("audio/providers/chain.py", "warm_up"): "logs what cannot be loaded, and `close` waits for it",
    ("audio/voice_cache.py", "prefetch"): "its loop logs the errors of each sentence, and goes on",
    ("server/serving.py", "_serve"): "awaits it",
    ("server/simulator/demo.py", "serving"): "awaits it",
    ("server/sockets/media_socket.py", "_converse"): "takes the results of both",
    ("server/sockets/monitor_access.py", "enter"): "`repeat` outlives errors, and tells of them",
    (
        "server/sockets/serve.py",
        "serve_connection",
    ): "takes one's result, and logs the other's error",
    (
        "sessions/listening/second_hearing.py",
        "begin",
    ): "logs its errors, and has heard nothing then",
    ("sessions/ivr.py", "_create_task"): "called by way of `contained`, which logs errors",
    ("sessions/registry.py", "_find_or_start"): "a session logs its own errors, and leaves",
    ("sessions/session.py", "_finish"): "awaits it",
    ("sessions/side_tasks.py", "start"): "logs its end, and tells of it",
}
"""Tasks outside a task group, and who sees it when they fail. An error in any other would be told
when the garbage is collected, if at all, while somebody waits for what the task was to do."""
