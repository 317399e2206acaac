#!/usr/bin/env python3
"""mini: Python as a Jupyter kernel, over Hilum's worker protocol (docs/worker-protocol.md)."""
import ast
import json
import os
import re
import signal
import socket
import sys
import traceback

link = socket.socket(fileno=int(os.environ["HILUM_LINK_FD"]))
inbox, descriptors = bytearray(), []
names = {"__name__": "__main__"}
running, interrupted = 0, False  # the request that is served


def send(kind, content=None):
    sys.stdout.flush(), sys.stderr.flush()
    parts = [json.dumps(content).encode()] if content is not None else []
    header = {"type": kind, "id": running, "parts": [len(part) for part in parts]}
    link.sendall(json.dumps(header).encode() + b"\n" + b"".join(parts))


def receive_until(enough):
    while not enough():
        data, fds, _, _ = socket.recv_fds(link, 65536, 2)
        descriptors.extend(fds)
        inbox.extend(data)
        if not data:
            os._exit(0)  # the driver is gone


def receive():
    receive_until(lambda: b"\n" in inbox)
    end = inbox.index(b"\n") + 1
    header = json.loads(inbox[:end])
    parts = header.get("parts", [])
    receive_until(lambda: len(inbox) >= end + sum(parts))
    content = json.loads(inbox[end:end + parts[0]]) if parts else {}
    del inbox[:end + sum(parts)]
    return header["type"], header.get("id", 0), content


def ask(kind, content=None):
    send(kind + "_request", content)
    while True:
        got, request, answer = receive()
        if got == kind + "_reply" and request == running:  # any other is stale
            return answer


def display(**data):  # display(text="...", html="...")
    send("display_data", {"data": {f"text/{key}".replace("text/text", "text/plain"): value
                                   for key, value in data.items()}, "metadata": {}})
    ask("sync")  # what is printed from here on comes after it


def read_line(prompt=""):
    answer = ask("input", {"prompt": str(prompt), "password": False})
    if "value" in answer:
        return answer["value"]
    raise {"interrupted": KeyboardInterrupt, "eof": EOFError}.get(answer["status"], OSError)("no input")


def execute(request):
    try:
        tree = ast.parse(request["code"], request["name"])
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, request["name"], "exec"), names)
        value = last and eval(compile(ast.Expression(last.value), request["name"], "eval"), names)
        if value is not None:
            send("execute_result", {"data": {"text/plain": repr(value)}, "metadata": {}})
        return {"status": "ok"}
    except KeyboardInterrupt:
        return {"status": "aborted"}
    except BaseException as error:
        return {"status": "error", "ename": type(error).__name__, "evalue": str(error),
                "traceback": traceback.format_exc().splitlines()}


def complete(request):
    word = re.search(r"\w*$", request["code"][:request["cursor_pos"]])
    return {"status": "ok", "matches": sorted(name for name in names if name.startswith(word[0])),
            "cursor_start": word.start(), "cursor_end": word.end()}


def redirect(_):
    os.dup2(descriptors[0], 1), os.dup2(descriptors[1], 2)
    while descriptors:
        os.close(descriptors.pop())


def on_interrupt(*_):
    global interrupted
    if running and not interrupted:  # it is repeated until the reply, and one is enough
        interrupted = True
        raise KeyboardInterrupt


signal.signal(signal.SIGINT, on_interrupt)
names.update(display=display, input=read_line)
services = {"load_request": lambda request: {"status": "ok"}, "execute_request": execute,
            "complete_request": complete, "redirect": redirect, "shutdown_request": lambda _: sys.exit()}
send("hello", {"protocol": 1, "pid": os.getpid(), "name": "mini", "version": "1",
               "capabilities": ["complete"], "language_info": {"name": "python", "version": "3"}})
while True:
    kind, request, content = receive()
    if kind in services:
        running, interrupted = request, False
        reply = services[kind](content)
        interrupted = True  # from here on, an interrupt comes too late
        if reply:
            send(kind.replace("request", "reply"), reply)
        running = 0
