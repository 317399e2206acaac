"""A tiny kernel with faults on demand, to prove that the harness notices each of them.

Run as `python fake_kernel.py CONNECTION_FILE FAULT`. It executes nothing: every cell prints
"hello" and has the result "hello"."""
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import zmq

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import wire  # noqa: E402

KERNEL_INFO = {
    "status": "ok", "protocol_version": "5.5", "implementation": "fake",
    "implementation_version": "1", "banner": "", "help_links": [],
    "language_info": {"name": "fake", "version": "1", "mimetype": "text/plain",
                      "file_extension": ".txt"},
}


class FakeKernel:
    def __init__(self, connection, fault):
        self.connection = connection
        self.fault = fault
        self.key = connection["key"].encode()
        self.session = uuid.uuid4().hex
        self.count = 0
        self.leaked = []
        context = zmq.Context()
        self.sockets = {}
        for channel, kind in (("shell", zmq.ROUTER), ("control", zmq.ROUTER),
                              ("stdin", zmq.ROUTER), ("iopub", zmq.XPUB), ("hb", zmq.REP)):
            socket = self.sockets[channel] = context.socket(kind)
            socket.linger = 1000
            if kind == zmq.XPUB:
                socket.setsockopt(zmq.XPUB_VERBOSE, 1)
            socket.bind(f"tcp://{connection['ip']}:{connection[f'{channel}_port']}")

    # ---- sending ----

    def header(self, msg_type):
        header = {"msg_id": uuid.uuid4().hex, "session": self.session, "username": "fake",
                  "date": wire.now(), "msg_type": msg_type, "version": "5.5"}
        if self.fault == "date without time zone":
            header["date"] = "2024-01-01T00:00:00"
        if self.fault == "same msg_id":
            header["msg_id"] = "1"
        if self.fault == "changing session":
            header["session"] = uuid.uuid4().hex
        if self.fault == "no version":
            del header["version"]
        return header

    def send(self, channel, prefix, msg_type, content, parent=b"{}"):
        parts = [wire.encode(self.header(msg_type)), parent, b"{}", wire.encode(content)]
        signature = wire.sign(self.key, parts)
        if parent != b"{}":  # faults begin with the first request, not with iopub_welcome
            if self.fault == "wrong signature":
                signature = b"0" * 64
            if self.fault == "rewritten parent":
                parts[1] = json.dumps(json.loads(parent)).encode()
                signature = wire.sign(self.key, parts)
            if self.fault == "content is a list":
                parts[3] = b"[]"
                signature = wire.sign(self.key, parts)
            if self.fault == "short message":
                parts.pop()
        self.sockets[channel].send_multipart([*prefix, wire.DELIMITER, signature, *parts])

    def publish(self, msg_type, content, parent):
        self.send("iopub", [msg_type.encode()], msg_type, content, parent)

    # ---- serving ----

    def serve(self):
        poller = zmq.Poller()
        for socket in self.sockets.values():
            poller.register(socket, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if self.sockets["iopub"] in ready:
                topic = self.sockets["iopub"].recv()
                if topic[:1] == b"\1":
                    self.send("iopub", [topic[1:]], "iopub_welcome",
                              {"subscription": topic[1:].decode()})
            if self.sockets["hb"] in ready:
                self.sockets["hb"].send_multipart(self.sockets["hb"].recv_multipart())
            for channel in ("shell", "control"):
                if self.sockets[channel] in ready and self.answer(channel):
                    return

    def answer(self, channel):
        frames = self.sockets[channel].recv_multipart()
        at = frames.index(wire.DELIMITER)
        prefix, parent, content = frames[:at], frames[at + 2], json.loads(frames[at + 5])
        msg_type = json.loads(parent)["msg_type"]
        reply = {"kernel_info_request": KERNEL_INFO,
                 "shutdown_request": {"status": "ok", "restart": content.get("restart")},
                 "interrupt_request": {"status": "ok"}}.get(msg_type)
        self.publish("status", {"execution_state": "busy"}, parent)
        if msg_type == "execute_request":
            reply = self.execute(parent)
        silent = self.fault == "no reply" and self.count > 1
        if reply is not None and not silent:
            self.send(channel, prefix, msg_type.replace("_request", "_reply"), reply, parent)
        self.publish("status", {"execution_state": "idle"}, parent)
        if self.fault == "output after idle" and msg_type == "execute_request":
            self.publish("stream", {"name": "stdout", "text": "late"}, parent)
        if self.fault == "two idles":
            self.publish("status", {"execution_state": "idle"}, parent)
        return msg_type == "shutdown_request"

    def execute(self, parent):
        self.count += 1
        self.misbehave()
        self.publish("stream", {"name": "stdout", "text": "hello\n"}, parent)
        self.publish("execute_result", {"execution_count": self.count, "metadata": {},
                                        "data": {"text/plain": "hello"}}, parent)
        reply = {"status": "ok", "execution_count": self.count, "user_expressions": {},
                 "payload": []}
        if self.fault == "reply without count":
            del reply["execution_count"]
        return reply

    def misbehave(self):
        """What goes wrong in the second cell: the first belongs to settle()."""
        if self.count < 2:
            return
        if self.fault == "leaks a descriptor":
            self.leaked.append(open(os.devnull))
        if self.fault in ("leaks a process", "leaves a daemon"):
            self.leaked.append(subprocess.Popen(
                ["sleep", "100"], start_new_session=True, stdout=subprocess.DEVNULL))
            # For an instant of exec a process has no environment, and nobody knows whose it is.
            environment = Path(f"/proc/{self.leaked[-1].pid}/environ")
            while not environment.read_bytes():
                pass
        if self.fault == "leaves a zombie":
            self.leaked.append(subprocess.Popen(["true"]))
        if self.fault == "noise on stderr":
            print("what is this", file=sys.stderr, flush=True)
        if self.fault == "noise on stdout":
            print("what is this", flush=True)
        if self.fault == "sanitizer report":
            print("x.c:1:2: runtime error: signed integer overflow", file=sys.stderr, flush=True)
        if self.fault == "worker's sanitizer report":
            folder = os.environ["ASAN_OPTIONS"].partition("log_path=")[2]
            Path(folder + ".1").write_text("ERROR: AddressSanitizer: heap-use-after-free")
        if self.fault == "dies":
            os._exit(0)
        if self.fault == "hangs":
            while True:
                zmq.zmq_poll([], 1000)


def main():
    with open(sys.argv[1]) as file:
        connection = json.load(file)
    fault = sys.argv[2]
    FakeKernel(connection, fault).serve()
    sys.exit(3 if fault == "exits with 3" else 0)


if __name__ == "__main__":
    main()
