#!/usr/bin/env python3
"""An evaluator program that does exactly what it is told: a cell is a JSON object with the steps of
"compile" and of "run", and the option "start" says how it begins. For tests of the driver."""
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import termios
import time

link = socket.socket(fileno=int(os.environ["HILUM_LINK_FD"]))
inbox, descriptors = bytearray(), []
request = 0
heard = []  # interrupt_requests and signals
asked = []  # the requests about cells
copies, memory = [], []
copied = 0  # copies ever made
joined = None  # messages that go out in one piece, later


def send(kind, content=None, request_id=None, **header):
    body = b"" if content is None else json.dumps(content).encode()
    header = {"type": kind, "id": request if request_id is None else request_id,
              "parts": [len(body)] if body else [], **header}
    transmit(json.dumps(header).encode() + b"\n" + body)


def transmit(data):
    global joined
    if joined is None:
        link.sendall(data)
    else:
        joined += data


def together():
    """What is sent from here on goes out in one piece, with `apart` or with the last reply."""
    global joined
    joined = b""


def apart():
    global joined
    data, joined = joined, None
    if data:
        link.sendall(data)


def stat_of(pid):
    """State, parent, ..."""
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()


def interrupt_in_between():
    """Interrupts the driver when it has read all that was sent "together", but looked at no more of
    it than the first message, a display. There it waits for the kernel to read what was printed
    before, and the kernel is held up."""
    driver = os.getppid()
    kernel = int(stat_of(driver)[1])
    os.kill(kernel, signal.SIGSTOP)
    while stat_of(kernel)[0] != "T":
        time.sleep(0.001)
    os.write(1, b"printed\n")
    apart()
    while fcntl.ioctl(link, termios.TIOCOUTQ, b"1234") != bytes(4):
        time.sleep(0.001)
    os.kill(driver, signal.SIGINT)
    os.kill(kernel, signal.SIGCONT)


def receive_until(enough):
    while not enough():
        data, fds, _, _ = socket.recv_fds(link, 65536, 2)
        descriptors.extend(fds)
        if not data:
            os._exit(0)
        inbox.extend(data)


def receive():
    receive_until(lambda: b"\n" in inbox)
    end = inbox.index(b"\n") + 1
    header = json.loads(inbox[:end])
    size = sum(header["parts"])
    receive_until(lambda: len(inbox) >= end + size)
    content = json.loads(inbox[end:end + size]) if size else {}
    del inbox[:end + size]
    return header["type"], header["id"], content


def receive_type(wanted):
    while True:
        kind, number, content = receive()
        if kind == "interrupt_request":
            heard.append(("message", number == request))
        if kind == wanted:
            return content


def ask(kind, content):
    send(kind + "_request", content)
    return receive_type(kind + "_reply")


def await_signal():
    while not any(kind == "signal" for kind, _ in heard):
        time.sleep(0.01)


def await_file(path):
    while not os.path.exists(path):
        time.sleep(0.01)


def spawn(command):
    """In the background, and nobody's to wait for."""
    subprocess.Popen(["sh", "-c", f"({command}) &"]).wait()


def take_checkpoint():
    """The copy sleeps on a link of its own, until it is resumed."""
    global copied
    copied += 1
    driver, ours = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        driver.close()
        os.dup2(ours.fileno(), link.fileno(), False)
        ours.close()
        copies.clear()
        return
    copies.append(pid)
    body = json.dumps({"pid": pid}).encode()
    header = json.dumps({"type": "checkpoint_reply", "id": request, "parts": [len(body)]}).encode()
    socket.send_fds(link, [header + b"\n" + body], [driver.fileno()])
    driver.close(), ours.close()


def reap(*_):
    copies[:] = [pid for pid in copies if os.waitpid(pid, os.WNOHANG)[0] == 0]


STEPS = {
    "together": together,
    "interrupt_in_between": interrupt_in_between,
    "asked": lambda: os.write(1, json.dumps(asked).encode() + b"\n"),
    "remember": lambda value: memory.append(value),
    "copies": lambda: os.write(1, b"%d\n" % copied),
    "recall": lambda: os.write(1, json.dumps(memory).encode() + b"\n"),
    "send": send,
    "raw": lambda text: link.sendall(text.encode("latin-1")),
    "print": lambda text: os.write(1, text.encode()),
    "error": lambda text: os.write(2, text.encode()),
    "ask": lambda kind, content=None: os.write(1, json.dumps(ask(kind, content)).encode() + b"\n"),
    "await": lambda kind: receive_type(kind),
    "await_signal": await_signal,
    "await_file": await_file,
    "heard": lambda: os.write(1, json.dumps(heard).encode() + b"\n"),
    "forget": heard.clear,
    "children": lambda: os.write(1, b"%d\n" % os.getpid()),
    "spawn": spawn,
    "sleep": time.sleep,
    "exit": os._exit,
    "kill": lambda number: os.kill(os.getpid(), number),
    "hang_up": link.close,
}


def follow(steps, reply):
    for name, *arguments in steps:
        if name == "reply":
            reply = arguments[0]
        else:
            STEPS[name](*arguments)
    return reply


def compile_cell(content):
    global cell
    cell = json.loads(content["code"])
    reply = follow(cell.get("compile", []), {"status": "ok"})
    if "run" not in content or reply["status"] != "ok":
        return reply
    asked[-1].append(content["run"])
    send("compile_reply", reply)
    send("run_reply", follow(cell.get("run", []), {"status": "ok"}))
    apart()
    return None


def serve(kind, content):
    """The reply to a request."""
    global cell
    if kind == "load_request":
        settings = content["settings"]
        return follow(settings.get("load", []), {"status": "ok"})
    if kind == "compile_request":
        return compile_cell(content)
    if kind == "execute_request":
        cell = json.loads(content["code"])
        return follow(cell.get("run", []), {"status": "ok"})
    if kind == "run_request":
        return follow(cell.get("run", []), {"status": "ok"})
    if kind in ("complete_request", "inspect_request", "is_complete_request"):
        return {**json.loads(os.environ.get("ANSWER", "{}")), "metadata": {}}
    if kind == "checkpoint_request":
        take_checkpoint()
    if kind == "resume_request":
        os.setpgid(0, content["group"])
        return {"pid": os.getpid()}
    return None


def main():
    global request
    # The options come after hello, so how to begin is an argument.
    start = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    signal.signal(signal.SIGINT, lambda *_: heard.append(("signal", True)))
    if "checkpoint" in start.get("hello", {}).get("capabilities", []):
        signal.signal(signal.SIGCHLD, reap)
    follow(start.get("first", []), None)
    send("hello", {"protocol": 1, "capabilities": [], **start.get("hello", {})}, 0)
    while True:
        kind, request, content = receive()
        if kind == "shutdown_request":
            os._exit(0)
        if kind == "interrupt_request":
            heard.append(("message", False))
        if kind in ("compile_request", "run_request", "discard_request", "execute_request"):
            asked.append([kind])
        if kind == "redirect":
            os.dup2(descriptors[0], 1)
            os.dup2(descriptors[1], 2)
            while descriptors:
                os.close(descriptors.pop())
        reply = serve(kind, content)
        if reply is not None:
            send(kind.replace("request", "reply"), reply)


main()
