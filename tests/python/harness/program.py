"""An evaluator program on the end of a link, without a kernel: what the driver sees of it.

The program gets a socket as descriptor 3 and pipes as stdout and stderr, as
docs/worker-protocol.md says. Everything it sends or prints becomes an event in the order in which a
kernel would show it: before a message is looked at, what the pipes hold is read."""
import json
import os
import select
import socket
import subprocess
import time

from .limits import SCALE


class Ended(Exception):
    """The program closed the link."""


class Program:
    def __init__(self, command, settings=None, env=None):
        ours, theirs = socket.socketpair()
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        environment = dict(os.environ, HILUM_LINK_FD="3", **(env or {}))
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out_write, stderr=err_write,
            preexec_fn=lambda: os.dup2(theirs.fileno(), 3, inheritable=True), close_fds=False,
            env=environment)
        theirs.close()
        os.close(out_write)
        os.close(err_write)
        self.link = ours
        self.pipes = {out_read: "stdout", err_read: "stderr"}
        self.buffer = b""
        self.next_id = 1
        self.events = []
        self.answers = []
        self.passed = []
        self.hello = self.receive()[2]
        self.load_reply = self.request("load_request", {"settings": settings or {}})

    # ---- the link ----

    def send(self, kind, content=None, request=None):
        body = json.dumps(content).encode() if content is not None else b""
        header = {"type": kind, "id": self.next_id if request is None else request,
                  "parts": [len(body)] if body else []}
        self.link.sendall(json.dumps(header).encode() + b"\n" + body)

    def receive(self, timeout=60):
        """The next message as (type, id, content). What is printed meanwhile goes to the events."""
        deadline = time.monotonic() + timeout * SCALE
        while True:
            message = self.buffered()
            if message:
                self.drain()
                return message
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no message in {timeout} s; events so far: {self.events}")
            ready, _, _ = select.select([self.link, *self.pipes], [], [], left)
            self.drain()
            if self.link in ready:
                data, passed, _, _ = socket.recv_fds(self.link, 1 << 20, 2)
                self.passed += passed
                if not data:
                    raise Ended(f"the program ended; events so far: {self.events}")
                self.buffer += data

    def buffered(self):
        line, newline, rest = self.buffer.partition(b"\n")
        if not newline:
            return None
        header = json.loads(line)
        size = sum(header.get("parts", []))
        if len(rest) < size:
            return None
        self.buffer = rest[size:]
        first = header["parts"][0] if header.get("parts") else 0
        content = json.loads(rest[:first]) if first else {}
        return header["type"], header.get("id", 0), content

    def drain(self):
        while True:
            ready, _, _ = select.select(list(self.pipes), [], [], 0)
            if not ready:
                return
            for fd in ready:
                data = os.read(fd, 1 << 16)
                if not data:
                    os.close(fd)
                    del self.pipes[fd]
                    continue
                name, text = self.pipes[fd], data.decode(errors="replace")
                if self.events and self.events[-1][0] == name:
                    self.events[-1] = (name, self.events[-1][1] + text)
                else:
                    self.events.append((name, text))

    def request(self, kind, content=None, timeout=60):
        """Sends a request and serves what the program asks until the reply is there."""
        self.next_id += 1
        self.send(kind, content)
        return self.wait(kind.replace("_request", "_reply"), timeout)

    def wait(self, wanted, timeout=60):
        while True:
            kind, request, content = self.receive(timeout)
            if kind == wanted and request == self.next_id:
                return content
            if kind == "sync_request":
                self.send("sync_reply", request=request)
            elif kind == "input_request":
                self.events.append((kind, content))
                answer = self.answers.pop(0) if self.answers else {"status": "eof"}
                self.send("input_reply", answer, request=request)
            elif kind != "log":
                self.events.append((kind, content))

    # ---- cells ----

    def compile(self, code, number=1, timeout=60):
        self.events = []
        return self.request("compile_request", {
            "code": code, "name": f"cell {number}", "execution_count": number, "kind": "cell",
        }, timeout)["status"]

    def cell(self, code, number=1, answers=(), allow_stdin=True, timeout=60):
        """Compiles and runs a cell; a Result."""
        self.answers = [{"value": answer} if isinstance(answer, str) else answer
                        for answer in answers]
        status = self.compile(code, number, timeout)
        if status == "ok":
            status = self.request("run_request", {"allow_stdin": allow_stdin}, timeout)["status"]
        time.sleep(0)
        self.drain()
        return Result(status, self.events)

    def start(self, code, number=1):
        """Compiles a cell and starts it, without waiting for its end."""
        assert self.compile(code, number) == "ok", self.events
        self.next_id += 1
        self.send("run_request", {"allow_stdin": True})

    def interrupt(self):
        self.send("interrupt_request")

    def finish(self, timeout=60):
        status = self.wait("run_reply", timeout)["status"]
        self.drain()
        return Result(status, self.events)

    # ---- checkpoints ----

    def checkpoint(self):
        """A copy of the program that sleeps: a Program with a link of its own, whose output comes
        through the pipes of this one."""
        reply = self.request("checkpoint_request")
        copy = object.__new__(type(self))
        copy.link = socket.socket(fileno=self.passed.pop())
        copy.process, copy.pipes, copy.pid = None, self.pipes, reply["pid"]
        copy.buffer, copy.next_id, copy.events, copy.answers, copy.passed = b"", 1000, [], [], []
        return copy

    def close(self):
        self.link.close()
        if not self.process:
            return
        try:
            self.process.wait(10 * SCALE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            for fd in list(self.pipes):
                os.close(fd)
            self.pipes = {}


class Result:
    def __init__(self, status, events):
        self.status = status
        self.events = events

    def of(self, *kinds):
        return [content for kind, content in self.events if kind in kinds]

    @property
    def stdout(self):
        return "".join(self.of("stdout"))

    @property
    def stderr(self):
        return "".join(self.of("stderr"))

    @property
    def texts(self):
        """text/plain of all that was shown, in order."""
        return [content["data"]["text/plain"]
                for content in self.of("display_data", "execute_result")]

    @property
    def value(self):
        results = self.of("execute_result")
        return results[-1]["data"]["text/plain"] if results else None

    @property
    def diagnostics(self):
        return self.of("diagnostic")

    @property
    def error(self):
        errors = [d for d in self.diagnostics if d["severity"] == "error"]
        return errors[-1] if errors else None

    def __repr__(self):
        return f"Result({self.status!r}, {self.events!r})"
