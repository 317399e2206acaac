"""Debian's classic Notebook server, and a browser's side of it: REST and the websocket that carries
all channels of a kernel."""
import asyncio
import json
import struct
import subprocess
import sys
import urllib.request
import uuid

from harness import limits
from harness.kernel import free_ports

CONFIG = """
c.NotebookApp.token = {token!r}
c.NotebookApp.ip = "127.0.0.1"
c.NotebookApp.port = {port}
c.NotebookApp.port_retries = 0
c.NotebookApp.open_browser = False
c.NotebookApp.allow_root = True
c.NotebookApp.notebook_dir = {folder!r}
c.NotebookApp.nbserver_extensions = {{}}
"""


class NotebookServer:
    def __init__(self, room):
        self.token = uuid.uuid4().hex
        self.address = f"127.0.0.1:{free_ports(1)[0]}"
        folder = room.folder / "notebooks"
        folder.mkdir(exist_ok=True)
        config = room.folder / "jupyter_notebook_config.py"
        config.write_text(CONFIG.format(token=self.token, port=self.address.split(":")[1],
                                        folder=str(folder)))
        self.log = open(room.folder / "notebook.log", "wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "notebook", f"--config={config}"], env=room.env,
            cwd=room.folder, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        limits.poll_until(self._answers, limits.START, "the Notebook server's answer")

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the Notebook server ended: see {self.log.name}")
        try:
            self.call("GET", "/api/status")
            return True
        except OSError:  # not there yet, or not ready for an answer
            return False

    @property
    def headers(self):
        return {"Authorization": f"token {self.token}"}

    def call(self, method, path, content=None):
        """A REST call; returns the answer's JSON, if any."""
        request = urllib.request.Request(
            f"http://{self.address}{path}", method=method,
            headers={**self.headers, "Content-Type": "application/json"},
            data=None if content is None else json.dumps(content).encode())
        with urllib.request.urlopen(request, timeout=limits.START) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(limits.START)
        finally:
            self.process.kill()
            self.process.wait()
            self.log.close()


class Browser:
    """One websocket to one kernel."""

    def __init__(self, server, kernel_id):
        from tornado.httpclient import HTTPRequest
        from tornado.websocket import websocket_connect
        self.loop = asyncio.new_event_loop()
        self.session = uuid.uuid4().hex
        url = f"ws://{server.address}/api/kernels/{kernel_id}/channels?session_id={self.session}"
        self.socket = self._wait(websocket_connect, HTTPRequest(url, headers=server.headers))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    def _wait(self, function, *arguments, **options):
        """Calls it in a coroutine, so that tornado finds the loop."""
        async def call():
            return await function(*arguments, **options)
        return self.loop.run_until_complete(asyncio.wait_for(call(), limits.START))

    def send(self, channel, msg_type, content, buffers=(), parent=None):
        """Returns the msg_id. Binary buffers travel behind the JSON, after a table of offsets."""
        message = {"channel": channel, "parent_header": parent or {}, "metadata": {},
                   "content": content,
                   "header": {"msg_id": uuid.uuid4().hex, "msg_type": msg_type, "version": "5.3",
                              "session": self.session, "username": "reader",
                              "date": "2020-02-02T02:02:02Z"}}
        if not buffers:
            self._wait(self.socket.write_message, json.dumps(message))
        else:
            parts = [json.dumps(message).encode(), *buffers]
            offsets = [4 * (len(parts) + 1)]
            for part in parts[:-1]:
                offsets.append(offsets[-1] + len(part))
            table = struct.pack(f"!{len(parts) + 1}I", len(parts), *offsets)
            self._wait(self.socket.write_message, table + b"".join(parts), binary=True)
        return message["header"]["msg_id"]

    def receive(self):
        """The next message, whatever it is, with its buffers as bytes."""
        data = self._wait(self.socket.read_message)
        assert data is not None, "the server closed the websocket"
        if isinstance(data, str):
            return {**json.loads(data), "buffers": []}
        count, = struct.unpack_from("!I", data)
        offsets = [*struct.unpack_from(f"!{count}I", data, 4), len(data)]
        parts = [data[start:end] for start, end in zip(offsets, offsets[1:])]
        return {**json.loads(parts[0]), "buffers": parts[1:]}

    def until_idle(self, msg_id):
        """All messages for a request: its reply, if any, and all of IOPub up to idle."""
        found, types = [], set()
        while "idle" not in types or not types & {"reply", "no reply"}:
            message = self.receive()
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            found.append(message)
            if message["channel"] == "shell":
                types.add("reply")
            if message["msg_type"] == "status":
                types.add(message["content"]["execution_state"])
            if message["parent_header"]["msg_type"].startswith("comm_"):
                types.add("no reply")
        return found

    def execute(self, code, allow_stdin=False):
        return self.send("shell", "execute_request", {
            "code": code, "silent": False, "store_history": True, "user_expressions": {},
            "allow_stdin": allow_stdin, "stop_on_error": True})

    def run(self, code):
        """(reply's content, printed text, contents by type) of a cell."""
        return digest(self.until_idle(self.execute(code)))


def digest(messages):
    by_type = {}
    for message in messages:
        by_type.setdefault(message["msg_type"], []).append(message["content"])
    text = "".join(content["text"] for content in by_type.get("stream", []))
    return by_type["execute_reply"][0], text, by_type
