"""Metrics as a scraper sees them: HTTP over TCP or a socket file, and the text as numbers."""
import http.client
import json
import re
import socket

from harness import limits

SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class FileConnection(http.client.HTTPConnection):
    """HTTP over a socket file."""

    def __init__(self, path):
        super().__init__("localhost", timeout=limits.EVENT)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def get(address, path="/metrics", method="GET", **headers):
    """(status, headers, text); `address` is "HOST:PORT" or the path of a socket file."""
    connection = (FileConnection(address) if "/" in str(address)
                  else http.client.HTTPConnection(str(address), timeout=limits.EVENT))
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value
                                                  for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode("utf-8")
    finally:
        connection.close()


def parse(text):
    """{(name, frozenset of labels): number}"""
    samples = {}
    for line in text.splitlines():
        if line.startswith("#") or not line:
            continue
        name, labels, value = SAMPLE.match(line).groups()
        key = (name, frozenset(LABEL.findall(labels or "")))
        assert key not in samples, line
        samples[key] = float(value)
    return samples


class Metrics:
    """The samples of one scrape."""

    def __init__(self, text):
        self.samples = parse(text)

    def __call__(self, name, **labels):
        """One number; 0 when there is no such sample."""
        return self.samples.get((name, frozenset(labels.items())), 0)

    def sum(self, name, **labels):
        """Of all samples of a name that have these labels."""
        return sum(value for (other, having), value in self.samples.items()
                   if other == name and set(labels.items()) <= having)


def scrape(address):
    return Metrics(get(address)[2])


def target(folder):
    """The address in the only file of a `metrics.targets` folder, when it is there."""
    file, = limits.poll_until(lambda: list(folder.glob("*.json")), limits.START, "a target's file")
    entry, = json.loads(file.read_text())
    address, = entry["targets"]
    return address
