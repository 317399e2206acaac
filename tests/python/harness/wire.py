"""A Jupyter client from scratch: frames, signatures and headers by hand, and every message that
comes in checked against the specification. On purpose without jupyter_client.session, so that it
is a second opinion."""
import datetime
import hashlib
import hmac
import json
import re
import uuid
from dataclasses import dataclass, field

import zmq
from zmq.utils.monitor import recv_monitor_message

from harness import limits, schemas

DELIMITER = b"<IDS|MSG>"
PARTS = ("header", "parent_header", "metadata", "content")
DATE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)"


class ProtocolViolation(AssertionError):
    """The kernel sent something that the specification forbids."""


class KernelGone(AssertionError):
    """The kernel process ended while something was expected of it."""


def encode(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def sign(key, parts):
    """The signature frame: lower-case hex of HMAC-SHA256 over the four JSON frames; empty without
    a key."""
    if not key:
        return b""
    return hmac.new(key, b"".join(parts), hashlib.sha256).hexdigest().encode()


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat().replace("+00:00", "Z")


@dataclass
class Request:
    """Something that was sent, with its exact bytes."""
    msg_id: str
    msg_type: str
    channel: str
    header_frame: bytes
    frames: list
    prefix: list


@dataclass
class Message:
    """Something that was received and found valid."""
    channel: str
    identities: list
    header: dict
    parent_header: dict
    parent_frame: bytes
    metadata: dict
    content: dict
    buffers: list
    frames: list = field(repr=False)

    @property
    def type(self):
        return self.header["msg_type"]

    @property
    def parent_id(self):
        return self.parent_header.get("msg_id")

    @property
    def topic(self):
        return self.identities[0] if self.identities else b""


class Ledger:
    """What is known about one kernel's conversation, whoever of the clients learnt it: the headers
    that were sent, so that parents can be compared, and the kernel's own session."""

    def __init__(self, key, strict=True):
        self.key = key
        # A foreign kernel may write a parent header in other words (ipykernel does).
        self.strict = strict
        self.sent = {}
        self.kernel_session = None

    def check(self, frames, channel):
        """The message in these frames, or ProtocolViolation."""
        def refuse(problem):
            shown = b" | ".join(frame[:200] for frame in frames)
            raise ProtocolViolation(f"on {channel}: {problem}: {shown!r}")

        if DELIMITER not in frames:
            refuse("no delimiter")
        at = frames.index(DELIMITER)
        identities, rest = frames[:at], frames[at + 1:]
        if len(rest) < 5:
            refuse(f"{len(rest)} frames after the delimiter, expected at least 5")
        signature, parts, buffers = rest[0], rest[1:5], rest[5:]
        if not hmac.compare_digest(signature, sign(self.key, parts)):
            refuse("wrong signature")
        values = []
        for name, part in zip(PARTS, parts):
            try:
                value = json.loads(part.decode("utf-8"), parse_constant=_no_constant)
            except ValueError as error:
                refuse(f"{name} is not JSON ({error})")
            if not isinstance(value, dict):
                refuse(f"{name} is not an object")
            values.append(value)
        message = Message(channel, identities, values[0], values[1], parts[1], values[2],
                          values[3], buffers, frames)
        problem = (self._problem_with_header(message.header)
                   or self._problem_with_parent(message)
                   or schemas.problem_with_content(message.type, message.content, self.strict))
        if problem:
            refuse(problem)
        if not schemas.channel_fits(message.type, channel):
            refuse(f"{message.type} does not belong on this channel")
        return message

    def _problem_with_header(self, header):
        for name in ("msg_id", "session", "username", "date", "msg_type", "version"):
            if not isinstance(header.get(name), str):
                return f"header without a string {name!r}"
        for name in ("msg_id", "session", "msg_type"):
            if not header[name]:
                return f"header with an empty {name!r}"
        if not re.fullmatch(DATE, header["date"]):
            return f"date {header['date']!r} is not ISO 8601 with a time zone"
        date = datetime.datetime.fromisoformat(header["date"].replace("Z", "+00:00"))
        age = datetime.datetime.now(datetime.timezone.utc) - date
        if abs(age.total_seconds()) > 3600:
            return f"date {header['date']!r} is not of today"
        if not re.fullmatch(r"5\.\d+(\.\d+)?", header["version"]):
            return f"version {header['version']!r}"
        if self.kernel_session not in (None, header["session"]):
            return "another session than the kernel's messages had so far"
        self.kernel_session = header["session"]
        return None

    def _problem_with_parent(self, message):
        if message.parent_header == {}:
            if message.channel == "iopub":
                return None
            return "a reply without parent"
        sent = self.sent.get(message.parent_id)
        if sent is None:
            return "a parent that nobody sent"
        if self.strict:
            if message.parent_frame != sent:
                return f"the parent header is not the request's header, byte for byte ({sent!r})"
        else:
            ours = json.loads(sent)
            for name in ("msg_id", "msg_type", "session", "username"):
                if message.parent_header.get(name) != ours[name]:
                    return f"the parent header has another {name!r}"
        return None


def _no_constant(name):
    raise ValueError(f"{name} is not JSON")


class Run:
    """One executed cell: its reply and what IOPub said, from busy to idle."""

    def __init__(self, request, reply, messages):
        self.request = request
        self.reply = reply
        self.messages = messages

    @property
    def content(self):
        return self.reply.content

    @property
    def status(self):
        return self.content["status"]

    @property
    def count(self):
        return self.content["execution_count"]

    @property
    def types(self):
        return [message.type for message in self.messages]

    @property
    def outputs(self):
        return [message for message in self.messages
                if message.type not in ("status", "execute_input")]

    def of_type(self, msg_type):
        return [message.content for message in self.messages if message.type == msg_type]

    def text(self, name="stdout"):
        return "".join(c["text"] for c in self.of_type("stream") if c["name"] == name)

    @property
    def result(self):
        """The text/plain of the execute_result, or None."""
        results = self.of_type("execute_result")
        return results[0]["data"]["text/plain"] if results else None

    @property
    def errors(self):
        return self.of_type("error")

    def __repr__(self):
        said = [(m.type, m.content) for m in self.outputs]
        return f"<Run {self.content} {said}>"[:4000]


class Client:
    """One frontend: five sockets, an identity, a session. `kernel` tells where (connection), what
    was sent (ledger), whether the process lives (pidfd) and how it behaves (dialect)."""

    def __init__(self, kernel, identity=None, session=None, subscription=b"", username="tester",
                 rcvhwm=0):
        self.kernel = kernel
        self.ledger = kernel.ledger
        self.identity = identity or uuid.uuid4().hex.encode()
        self.session = session or uuid.uuid4().hex
        self.username = username
        self.subscription = subscription
        self.rcvhwm = rcvhwm
        self.context = zmq.Context()
        self.sockets = {}
        self.waiting = {}  # channel: messages that came while another was waited for
        self.seen_ids = set()
        self.finished = set()  # requests whose idle was seen
        self.late_streams = False  # a test that expects late output sets this
        self.late_displays = False  # the same for values that are displayed
        self.welcomes = []
        try:
            self._connect()
        except BaseException:
            self._destroy()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    # ---- sockets ----

    def _connect(self):
        monitors = []
        for channel, kind in (("shell", zmq.DEALER), ("control", zmq.DEALER),
                              ("stdin", zmq.DEALER), ("iopub", zmq.SUB), ("hb", zmq.REQ)):
            socket = self.context.socket(kind)
            socket.linger = 0
            # By default no limit: what a test loses must be the kernel's doing.
            socket.rcvhwm = self.rcvhwm
            socket.sndhwm = 0
            socket.reconnect_ivl = 10  # the kernel may bind a moment after we connect
            if kind == zmq.DEALER:
                socket.identity = self.identity
            if channel != "hb":
                monitors.append(socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED))
            if kind == zmq.SUB:
                socket.subscribe(self.subscription)
            self.kernel.secure(socket)
            socket.connect(self.kernel.endpoint(channel))
            self.sockets[channel] = socket
            self.waiting[channel] = []
        deadline = limits.Deadline(limits.START)
        for monitor in monitors:
            self._await_readable(monitor, deadline, "the connection")
            recv_monitor_message(monitor)
        for channel in ("shell", "control", "stdin", "iopub"):
            self.sockets[channel].disable_monitor()
        if self.kernel.dialect.welcomes:
            self.welcomes.append(self.iopub(lambda m: m.type == "iopub_welcome",
                                            limits.START, "iopub_welcome"))
        else:
            self._await_subscription()

    def _await_subscription(self):
        """Without iopub_welcome: ask until IOPub says something about a request."""
        deadline = limits.Deadline(limits.START)
        while not deadline.passed():
            request = self.send("control", "kernel_info_request")
            self.reply(request, timeout=deadline.left())
            try:
                self.iopub(lambda m: self._is_idle(m) and m.parent_id == request.msg_id, 0.2)
            except limits.TimeLimit:
                continue
            self.waiting["iopub"].clear()
            return
        raise limits.TimeLimit("IOPub stays silent")

    @staticmethod
    def _is_idle(message):
        return message.type == "status" and message.content["execution_state"] == "idle"

    def close(self):
        """Also the last look: nothing may have arrived for a request that was over."""
        if self.context.closed:
            return
        try:
            if self.kernel.alive:
                self.drain()
        finally:
            self._destroy()

    def _destroy(self):
        """Closing a context waits for all of its sockets, and monitors are sockets too."""
        for socket in self.sockets.values():
            if not socket.closed:
                socket.disable_monitor()
        self.context.destroy(linger=0)

    def drain(self):
        """Reads whatever is there on IOPub, checks it and keeps it."""
        while self.sockets["iopub"].poll(0):
            self.waiting["iopub"].append(self._receive("iopub"))
        return self.waiting["iopub"]

    def _await_readable(self, socket, deadline, what):
        poller = zmq.Poller()
        poller.register(socket, zmq.POLLIN)
        if self.kernel.pidfd is not None:
            poller.register(self.kernel.pidfd, zmq.POLLIN)
        ready = dict(poller.poll(deadline.left() * 1000))
        if socket in ready:
            return
        if ready:  # the process has ended; give the last messages a moment on their way
            if socket.poll(200):
                return
            raise KernelGone(f"the kernel ended while {what} was awaited\n"
                             + self.kernel.stderr_text())
        raise limits.TimeLimit(f"{what}: not within {deadline.seconds:g} s\n"
                               + self.kernel.stderr_text())

    # ---- sending ----

    def header(self, msg_type, **changes):
        header = {"msg_id": uuid.uuid4().hex, "session": self.session, "username": self.username,
                  "date": now(), "msg_type": msg_type, "version": "5.3"}
        header.update(changes)
        return header

    def send(self, channel, msg_type, content=None, *, header=None, parent_header=None,
             metadata=None, buffers=(), prefix=(), frames=None, signature=None):
        """Sends one message. `header`, `parent_header`, `metadata` and `content` are objects;
        `frames` replaces whole frames by name with bytes that need not be JSON; `signature`
        replaces the right one; `prefix` are identity frames of a proxy on the way."""
        header = header or self.header(msg_type)
        values = (header, parent_header or {}, metadata or {},
                  {} if content is None else content)
        parts = [encode(value) for value in values]
        for name, raw in (frames or {}).items():
            parts[PARTS.index(name)] = raw
        if signature is None:
            signature = sign(self.ledger.key, parts)
        request = Request(header.get("msg_id"), msg_type, channel, parts[0],
                          [*prefix, DELIMITER, signature, *parts, *buffers], list(prefix))
        self.ledger.sent[request.msg_id] = parts[0]
        self.send_frames(channel, request.frames)
        return request

    def send_frames(self, channel, frames):
        self.sockets[channel].send_multipart(frames)

    # ---- receiving ----

    def _receive(self, channel):
        message = self.ledger.check(self.sockets[channel].recv_multipart(), channel)
        msg_id = message.header["msg_id"]
        if msg_id in self.seen_ids:
            raise ProtocolViolation(f"on {channel}: msg_id {msg_id} came twice")
        self.seen_ids.add(msg_id)
        if channel == "iopub":
            late = message.parent_id in self.finished
            if late and not (self.late_streams and message.type == "stream" or
                             self.late_displays and message.type == "display_data"):
                raise ProtocolViolation(f"{message.type} {message.content} came after idle")
            if self._is_idle(message):
                self.finished.add(message.parent_id)
        return message

    def recv(self, channel, timeout=limits.EVENT, what=None):
        """The next message of a channel, whatever it is."""
        if self.waiting[channel]:
            return self.waiting[channel].pop(0)
        self._await_readable(self.sockets[channel], limits.Deadline(timeout),
                             what or f"a message on {channel}")
        return self._receive(channel)

    def _recv_matching(self, channel, match, timeout, what):
        for at, message in enumerate(self.waiting[channel]):
            if match(message):
                return self.waiting[channel].pop(at)
        deadline = limits.Deadline(timeout)
        while True:
            self._await_readable(self.sockets[channel], deadline, what)
            message = self._receive(channel)
            if match(message):
                return message
            self.waiting[channel].append(message)

    def iopub(self, match, timeout=limits.EVENT, what="an IOPub message"):
        """The first IOPub message that matches. Others stay for later."""
        return self._recv_matching("iopub", match, timeout, what)

    def iopub_of(self, request, msg_type, timeout=limits.EVENT):
        return self.iopub(lambda m: m.type == msg_type and m.parent_id == request.msg_id, timeout,
                          f"{msg_type} for {request.msg_type}")

    def reply(self, request, timeout=limits.EVENT):
        """The reply to a request, checked to be of the right type and routed the same way back."""
        message = self._recv_matching(request.channel, lambda m: m.parent_id == request.msg_id,
                                      timeout, f"the reply to {request.msg_type}")
        expected = request.msg_type.replace("_request", "_reply")
        if message.type != expected:
            raise ProtocolViolation(f"{message.type} answers {request.msg_type}")
        if message.identities != request.prefix:
            raise ProtocolViolation(f"identities {message.identities} instead of {request.prefix}")
        return message

    def until_idle(self, request, timeout=limits.EVENT):
        """Everything that IOPub says for this request: first busy, last idle."""
        deadline = limits.Deadline(timeout)
        messages = []
        while True:
            message = self.iopub(lambda m: m.parent_id == request.msg_id, deadline.left(),
                                 f"idle for {request.msg_type}")
            messages.append(message)
            if self._is_idle(message):
                break
        states = [m.content["execution_state"] for m in messages if m.type == "status"]
        if states != ["busy", "idle"] or messages[0].type != "status":
            raise ProtocolViolation(f"{request.msg_type}: not busy ... idle but "
                                    f"{[(m.type, m.content) for m in messages]}")
        return messages

    # ---- conversations ----

    def ask(self, msg_type, content=None, channel="shell", timeout=limits.EVENT, **changes):
        """A request with its reply; what IOPub said is checked and dropped."""
        request = self.send(channel, msg_type, content, **changes)
        reply = self.reply(request, timeout)
        self.until_idle(request, timeout)
        return reply

    def execute(self, code, *, channel="shell", prefix=(), header=None, metadata=None, **fields):
        """Sends an execute_request and does not wait."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {},
                   "allow_stdin": False, "stop_on_error": True}
        content.update(fields)
        return self.send(channel, "execute_request", content, prefix=prefix, header=header,
                         metadata=metadata)

    def finish(self, request, timeout=limits.EVENT):
        """The Run of a cell that was sent before."""
        deadline = limits.Deadline(timeout)
        reply = self.reply(request, deadline.left())
        return Run(request, reply, self.until_idle(request, deadline.left()))

    def run(self, code, timeout=limits.EVENT, **fields):
        return self.finish(self.execute(code, **fields), timeout)

    def start(self, code, mark="started", timeout=limits.EVENT, **fields):
        """Starts a cell that prints `mark` and then goes on, and returns when the mark has come:
        from then on the cell is known to run. The message stays for finish()."""
        request = self.execute(code, **fields)
        self.await_text(request, mark, timeout)
        return request

    def await_text(self, request, mark, timeout=limits.EVENT):
        """Waits until the cell has printed `mark`, and keeps all messages."""
        deadline = limits.Deadline(timeout)
        text = ""
        kept = []
        while mark not in text:
            message = self.iopub(lambda m: m.parent_id == request.msg_id, deadline.left(),
                                 f"{mark!r} printed by the cell")
            kept.append(message)
            if message.type == "stream":
                text += message.content["text"]
            if self._is_idle(message):
                said = [(m.type, m.content) for m in kept]
                raise AssertionError(f"the cell ended without printing {mark!r}: {said}")
        self.waiting["iopub"] = kept + self.waiting["iopub"]
        return text

    def interrupt(self, timeout=limits.EVENT):
        return self.ask("interrupt_request", channel="control", timeout=timeout)

    def let_arrive(self):
        """Returns when the kernel has read what was sent on shell before. Nothing tells so while a
        cell runs; a few rounds of its event loop, seen from the control channel, do."""
        for _ in range(3):
            self.ask("kernel_info_request", channel="control")

    def heartbeat(self, frames, timeout=limits.EVENT):
        self.sockets["hb"].send_multipart(frames)
        self._await_readable(self.sockets["hb"], limits.Deadline(timeout), "the heartbeat")
        return self.sockets["hb"].recv_multipart()

    def check_alive(self):
        """Shell, control and heartbeat answer, and a cell runs."""
        self.ask("kernel_info_request")
        self.ask("kernel_info_request", channel="control")
        if self.heartbeat([b"ping"]) != [b"ping"]:
            raise ProtocolViolation("the heartbeat does not echo")
        snippet, expected = self.kernel.snippets["value"]
        run = self.run(snippet)
        if run.status != "ok" or run.result != expected:
            raise AssertionError(f"{snippet!r} gives {run!r}")
