"""How clients reach the kernel: encryption, ports that the kernel chooses, the handshake with a
registration service, addresses."""
import json
import re
import socket
import stat
import tempfile
import time
import uuid
from pathlib import Path

import pytest
import zmq

from harness import kernel as kernels
from harness import limits, wire

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

needs_curve = pytest.mark.skipif(not zmq.has("curve"), reason="libzmq was built without CURVE")


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


@pytest.fixture
def start_with(start_kernel, tmp_path_factory):
    """start_with(transport="tcp", **members): a kernel whose connection file has these, or not, when
    the value is None. Ports of 0 are known when it returns."""
    def start(transport="tcp", arguments=(), **members):
        connection = kernels.new_connection(tmp_path_factory.mktemp("x"), transport)
        connection.update(members)
        connection = {key: value for key, value in connection.items() if value is not None}
        kernel = start_kernel(connection_text=json.dumps(connection), arguments=arguments)
        kernel.connection = connection
        kernel.ledger.key = connection["key"].encode()
        if 0 in [connection[f"{channel}_port"] for channel in kernels.CHANNELS]:
            kernel.learn_ports()
        return kernel
    return start


def all_ports(value):
    return {f"{channel}_port": value for channel in kernels.CHANNELS}


def check_all_channels(kernel, snippet):
    """A client says and hears something on each of the five."""
    with kernel.client() as client:
        client.check_alive()
        request = client.execute(snippet("read_line"), allow_stdin=True)
        question = client.recv("stdin")
        assert question.type == "input_request"
        client.send("stdin", "input_reply", {"status": "ok", "value": "x"},
                    parent_header=question.header)
        assert client.finish(request).status == "ok"
        return client.ask("connect_request").content


def refused_line(kernel, *words):
    """The one line in which the kernel says why it does not start."""
    kernel.expect_log("")
    assert kernel.wait() == 1
    line, = kernel.stderr_text().splitlines()
    for word in words:
        assert word in line
    return line


# ---- CURVE ----

def curve_members(**changes):
    public, secret = zmq.curve_keypair()
    return {"curve_publickey": public.decode(), "curve_secretkey": secret.decode(), **changes}


@needs_curve
@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_a_curve_client_works_on_all_channels(start_with, snippet, transport):
    kernel = start_with(transport, arguments=["--log-level", "debug"], **curve_members())
    kernel.expect_log("")
    check_all_channels(kernel, snippet)
    kernel.shutdown()
    assert kernel.connection["curve_secretkey"] not in kernel.stderr_text()


def readable_memory(pid):
    """What a process has in memory, piece by piece."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, \
            open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, mode = line.split()[:2]
            begin, end = (int(address, 16) for address in span.split("-"))
            if mode[0] != "r" or "[v" in line:
                continue
            memory.seek(begin)
            yield memory.read(end - begin)


@needs_curve
@pytest.mark.skipif(kernels.is_instrumented(), reason="sanitizers have memory of their own")
@pytest.mark.parametrize("ports", [{}, all_ports(0)], ids=["given", "chosen"])
def test_the_secret_key_does_not_stay_in_memory(start_with, ports):
    kernel = start_with(**curve_members(), **ports)
    with kernel.client() as client:
        client.check_alive()
        try:
            pieces = list(readable_memory(kernel.pid))
        except PermissionError:
            pytest.skip("this system does not let us look into processes")
    assert any(kernel.ledger.key in piece for piece in pieces), "this test cannot find anything"
    secret = kernel.connection["curve_secretkey"].encode()
    assert not any(secret[:20] in piece or secret[20:] in piece for piece in pieces)


def plain(_):
    """No encryption."""


def wrong_server_key(socket):
    socket.curve_publickey, socket.curve_secretkey = zmq.curve_keypair()
    socket.curve_serverkey = zmq.curve_keypair()[0]


@needs_curve
@pytest.mark.parametrize("prepare", [plain, wrong_server_key], ids=lambda f: f.__name__)
def test_without_the_public_key_a_client_gets_nothing(start_with, snippet, prepare):
    """On none of the five sockets, while a client with the key is served."""
    kernel = start_with(**curve_members())
    with kernel.client() as client, zmq.Context() as context:
        strangers = []
        for channel, kind in (("shell", zmq.DEALER), ("control", zmq.DEALER), ("stdin", zmq.DEALER),
                              ("iopub", zmq.SUB), ("hb", zmq.DEALER)):
            stranger = context.socket(kind)
            stranger.linger = 0
            prepare(stranger)
            if kind == zmq.SUB:
                stranger.subscribe(b"")
            stranger.connect(kernel.endpoint(channel))
            if channel == "hb":
                stranger.send_multipart([b"", b"ping"])
            elif kind == zmq.DEALER:
                parts = [wire.encode(client.header("kernel_info_request")), b"{}", b"{}", b"{}"]
                stranger.send_multipart([wire.DELIMITER, wire.sign(kernel.ledger.key, parts), *parts])
            strangers.append(stranger)
        for _ in range(5):
            client.check_alive()
            time.sleep(0.1)  # nothing is to come, so there is no event to wait for
        assert [stranger.poll(0) for stranger in strangers] == [0] * 5
        context.destroy(linger=0)


GOOD = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"  # a public key from ZeroMQ's manual
BAD_CURVE_KEYS = {
    "only the public one": ({"curve_secretkey": None}, ["curve_secretkey", "both"]),
    "only the secret one": ({"curve_publickey": None}, ["curve_publickey", "both"]),
    "a short secret": ({"curve_secretkey": "short"}, ["curve_secretkey", "Z85", "40"]),
    "a long public": ({"curve_publickey": "a" * 41}, ["curve_publickey", "Z85", "40"]),
    "an empty secret": ({"curve_secretkey": ""}, ["curve_secretkey", "Z85", "40"]),
    "not in the alphabet": ({"curve_secretkey": "~" * 40}, ["curve_secretkey", "Z85", "40"]),
    "too large for 32 bytes": ({"curve_secretkey": "#" * 40}, ["curve_secretkey", "Z85", "40"]),
    "a number": ({"curve_secretkey": 5}, ["curve_secretkey", "string"]),
    "of another pair": ({"curve_publickey": GOOD}, ["curve_publickey", "pair"]),
}


@needs_curve
@pytest.mark.parametrize("name", BAD_CURVE_KEYS)
def test_bad_curve_keys_are_refused_in_one_line(start_with, name):
    changes, words = BAD_CURVE_KEYS[name]
    members = curve_members(**changes)
    line = refused_line(start_with(**members), "connection.json", *words)
    secret = members["curve_secretkey"]
    assert not isinstance(secret, str) or len(secret) < 6 or secret not in line


# ---- ports that the kernel chooses ----

@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_ports_of_0_are_chosen_and_written_into_the_file(start_with, snippet, transport):
    kernel = start_with(transport, arguments=["--log-level", "info"], **all_ports(0),
                        mark={"of": "the launcher"})
    kernel.expect_log("")
    ports = {f"{channel}_port": kernel.connection[f"{channel}_port"] for channel in kernels.CHANNELS}
    assert len(set(ports.values())) == 5
    assert kernel.connection["mark"] == {"of": "the launcher"}
    reply = check_all_channels(kernel, snippet)
    assert {name: reply[name] for name in ports} == ports
    assert stat.S_IMODE(kernel.connection_file.stat().st_mode) == 0o600
    assert list(kernel.folder.glob("connection.json*")) == [kernel.connection_file]
    line, = [line for line in kernel.stderr_text().splitlines() if "listening on" in line]
    assert all(re.search(rf"\b{port}\b", line) for port in ports.values())
    kernel.shutdown()
    assert list(kernel.folder.glob("*-ipc*")) == []


def test_a_port_that_is_given_stays_beside_chosen_ones(start_with):
    port, = kernels.free_ports(1)
    kernel = start_with(**{**all_ports(0), "control_port": port})
    assert kernel.connection["control_port"] == port
    with kernel.client() as client:
        client.check_alive()


def test_a_file_with_all_ports_is_left_alone(start_with):
    kernel = start_with()
    before = kernel.connection_file.stat()
    with kernel.client() as client:
        client.check_alive()
    after = kernel.connection_file.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_chosen_ports_are_written_through_a_symbolic_link(start_kernel, tmp_path):
    connection = {**kernels.new_connection(tmp_path), **all_ports(0)}
    file = kernels.write_private(tmp_path / "real.json", json.dumps(connection))
    link = tmp_path / "link.json"
    link.symlink_to(file)
    kernel = start_kernel(command=kernels.COMMAND.replace("{connection_file}", str(link)))
    kernel.connection_file = file
    kernel.connection = connection
    kernel.ledger.key = connection["key"].encode()
    with kernel.learn_ports().client() as client:
        client.check_alive()
    assert link.is_symlink()


# Beside a file with a name this long no temporary one can be made, not even by root.
LONG_NAME = "x" * 250


def test_chosen_ports_that_cannot_be_written_are_an_error(start_kernel, tmp_path):
    connection = {**kernels.new_connection(tmp_path), **all_ports(0)}
    file = kernels.write_private(tmp_path / LONG_NAME, json.dumps(connection))
    kernel = start_kernel(command=kernels.COMMAND.replace("{connection_file}", str(file)))
    refused_line(kernel, "cannot write")


# ---- the handshake ----

class Service:
    """A launcher's registration service."""

    def __init__(self, ip="127.0.0.1"):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.ipv6 = ":" in ip
        self.ip = ip
        self.address = f"tcp://[{ip}]" if ":" in ip else f"tcp://{ip}"
        self.port, = kernels.free_ports(1)
        self.key = uuid.uuid4().hex.encode()
        self.kernel_id = f'id "{uuid.uuid4()}"'

    def open(self):
        self.socket.bind(f"{self.address}:{self.port}")
        return self

    def file(self, **changes):
        text = {"kernel_id": self.kernel_id, "transport": "tcp", "registration_ip": self.ip,
                "registration_port": self.port, "signature_scheme": "hmac-sha256",
                "key": self.key.decode(), **changes}
        return json.dumps({key: value for key, value in text.items() if value is not None})

    def receive(self, timeout=limits.EVENT):
        """(identity, content) of a request, checked."""
        assert self.socket.poll(1000 * timeout), "no kernel has registered"
        identity, delimiter, signature, content = self.socket.recv_multipart()
        assert delimiter == wire.DELIMITER
        assert signature == wire.sign(self.key, [content])
        return identity, json.loads(content)

    def acknowledge(self, identity, content=b"ACK", key=None):
        self.socket.send_multipart([identity, wire.DELIMITER,
                                    wire.sign(self.key if key is None else key, [content]), content])

    def close(self):
        self.context.destroy(linger=0)


@pytest.fixture
def service():
    service = Service().open()
    yield service
    service.close()


@pytest.fixture
def register(start_kernel):
    """register(service): a kernel that was given the service's file."""
    def start(service, arguments=(), **changes):
        kernel = start_kernel(connection_text=service.file(**changes), arguments=arguments)
        kernel.ledger.key = service.key
        kernel.expect_log("registration service")
        return kernel
    return start


@pytest.fixture
def short_path():
    """The path of an ipc socket may have 107 bytes only, too few for pytest's tmp_path."""
    with tempfile.TemporaryDirectory(prefix="hilum-") as folder:
        yield Path(folder)


def use(kernel, service, content):
    """Connects with what the service was told, and nothing else."""
    kernel.connection = {"transport": "tcp", "ip": service.ip, "key": service.key.decode(),
                         **{name: int(content[name]) for name in all_ports(0)}}
    with kernel.client() as client:
        client.check_alive()
        reply = client.ask("connect_request").content
    assert {name: str(reply[name]) for name in all_ports(0)} == \
        {name: content[name] for name in all_ports(0)}


@pytest.mark.parametrize("port_type", [int, str])
def test_a_kernel_registers_and_is_reached_at_its_ports(register, service, port_type):
    kernel = register(service, registration_port=port_type(service.port))
    identity, content = service.receive()
    assert content.pop("kernel_id") == service.kernel_id
    assert set(content) == set(all_ports(0))
    assert all(isinstance(port, str) and port.isdigit() for port in content.values())
    service.acknowledge(identity)
    use(kernel, service, content)
    assert not service.socket.poll(0), "registered again after the acknowledgement"


def test_clients_are_served_before_the_acknowledgement(register, service):
    kernel = register(service)
    identity, content = service.receive()
    use(kernel, service, content)
    service.acknowledge(identity)
    use(kernel, service, content)


def test_the_registration_file_becomes_a_connection_file(register, service):
    """JEP 66: so that other clients can connect. It stays a registration file, for a restart."""
    kernel = register(service)
    identity, content = service.receive()
    service.acknowledge(identity)
    file = json.loads(kernel.connection_file.read_text())
    assert {name: str(file[name]) for name in all_ports(0)} == \
        {name: content[name] for name in all_ports(0)}
    assert file["ip"] == "127.0.0.1"
    assert file["registration_port"] == service.port
    assert stat.S_IMODE(kernel.connection_file.stat().st_mode) == 0o600
    second = register(service, **file)
    identity, content = service.receive()
    assert int(content["shell_port"]) != file["shell_port"]
    service.acknowledge(identity)
    use(second, service, content)
    use(kernel, service, {name: str(file[name]) for name in all_ports(0)})


def test_a_registration_file_that_cannot_be_written_is_only_warned_about(start_kernel, service,
                                                                         tmp_path):
    file = kernels.write_private(tmp_path / LONG_NAME, service.file())
    kernel = start_kernel(command=kernels.COMMAND.replace("{connection_file}", str(file)))
    kernel.expect_log("cannot write")
    kernel.ledger.key = service.key
    identity, content = service.receive()
    service.acknowledge(identity)
    use(kernel, service, content)


def test_a_service_that_is_late_is_found(register):
    service = Service()
    try:
        kernel = register(service)
        kernel.learn_ports()
        time.sleep(2.5)  # longer than a repetition takes: they must not have piled up
        identity, content = service.open().receive()
        service.acknowledge(identity)
        use(kernel, service, content)
        assert not service.socket.poll(0)
    finally:
        service.close()


def test_a_service_that_forgets_is_asked_again(register, service):
    kernel = register(service)
    first = service.receive()
    second = service.receive()
    assert first == second
    service.acknowledge(second[0])
    use(kernel, service, second[1])


ANSWERS = {
    "wrong key": lambda s, i: s.acknowledge(i, key=b"wrong"),
    "no signature": lambda s, i: s.acknowledge(i, key=b""),
    "no delimiter": lambda s, i: s.socket.send_multipart([i, b"ACK"]),
    "too short": lambda s, i: s.socket.send_multipart([i, wire.DELIMITER, b""]),
    "too long": lambda s, i: s.socket.send_multipart([i, wire.DELIMITER, b"", b"", b""]),
    "an empty frame": lambda s, i: s.socket.send_multipart([i, b""]),
}


def test_wrong_answers_are_dropped_and_the_right_one_counts(register, service):
    kernel = register(service)
    identity, content = service.receive()
    for answer in ANSWERS.values():
        answer(service, identity)
    use(kernel, service, content)
    service.acknowledge(identity)
    use(kernel, service, content)
    limits.poll_until(lambda: "dropped" in kernel.stderr_text(), limits.EVENT, "a log line")
    assert len(kernel.stderr_text().splitlines()) == 1, "one line for all of them"


@pytest.mark.time_limit(90)
def test_without_an_acknowledgement_the_kernel_ends(register, service):
    """All at once, as each of them takes its time: nobody there, silence, a wrong key."""
    absent, cheat = Service(), Service().open()
    try:
        kernels_ = [register(absent), register(service), register(cheat)]
        began = time.monotonic()
        identity, content = cheat.receive()
        cheat.acknowledge(identity, key=b"wrong")
        use(kernels_[2], cheat, content)
        codes = [kernel.wait(20 * limits.SCALE) for kernel in kernels_]
        assert codes == [1, 1, 1]
        assert 5 < time.monotonic() - began < 20 * limits.SCALE
        for kernel, launcher, words in zip(kernels_, (absent, service, cheat),
                                           ("nobody listens", "nobody acknowledged", "signature")):
            kernel.expect_log("register at")
            kernel.expect_log("registration service")
            line = kernel.stderr_text().splitlines()[-1]
            assert "could not register" in line and words in line
            assert str(launcher.port) in line
    finally:
        absent.close()
        cheat.close()


def test_a_signal_ends_a_kernel_that_waits_for_the_acknowledgement(register, service):
    kernel = register(service)
    service.receive()
    kernel.process.terminate()
    assert kernel.wait() == 0


def test_without_a_key_nothing_is_signed(register, service):
    service.key = b""
    kernel = register(service)
    identity, content = service.receive()
    service.acknowledge(identity)
    use(kernel, service, content)


@needs_curve
def test_a_registration_file_may_carry_curve_keys(register, service):
    members = curve_members()
    kernel = register(service, **members)
    identity, content = service.receive()
    service.acknowledge(identity)
    kernel.connection = {"transport": "tcp", "ip": "127.0.0.1", **members,
                         **{name: int(content[name]) for name in all_ports(0)}}
    with kernel.client() as client:
        client.check_alive()


BAD_REGISTRATIONS = {
    "no kernel_id": ({"kernel_id": None}, "kernel_id"),
    "a number as kernel_id": ({"kernel_id": 5}, "kernel_id"),
    "no address": ({"registration_ip": None}, "registration_ip"),
    "no port": ({"registration_port": None}, "registration_port"),
    "port 0": ({"registration_port": 0}, "registration_port"),
    "a port too big": ({"registration_port": 65536}, "registration_port"),
    "a word as port": ({"registration_port": "many"}, "registration_port"),
    "a port and more": ({"registration_port": "5x"}, "registration_port"),
    "an address that is none": ({"registration_ip": "no such host"}, "no such host"),
}


@pytest.mark.parametrize("name", BAD_REGISTRATIONS)
def test_a_bad_registration_file_is_refused_in_one_line(register, service, name):
    changes, word = BAD_REGISTRATIONS[name]
    refused_line(register(service, **changes), word)


# ---- addresses ----

@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("port", [None, 0])
def test_ipv6(start_with, snippet, port):
    kernel = start_with(ip="::1", **(all_ports(0) if port == 0 else {}))
    check_all_channels(kernel, snippet)


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_a_kernel_registers_over_ipv6(register):
    service = Service("::1").open()
    try:
        kernel = register(service)
        identity, content = service.receive()
        service.acknowledge(identity)
        use(kernel, service, content)
    finally:
        service.close()


def test_a_kernel_registers_over_ipc(short_path, register, service):
    path = str(short_path / "with:colon")
    service.socket.bind(f"ipc://{path}-7")
    kernel = register(service, transport="ipc", registration_ip=path, registration_port=7)
    identity, content = service.receive()
    service.acknowledge(identity)
    kernel.connection = {"transport": "ipc", "ip": path, "key": service.key.decode(),
                         **{name: int(content[name]) for name in all_ports(0)}}
    with kernel.client() as client:
        client.check_alive()


@pytest.mark.parametrize("port", [None, 0])
@pytest.mark.parametrize("ip", ["*", "0.0.0.0", "localhost"])
def test_other_words_for_an_address(start_with, ip, port):
    kernel = start_with(ip=ip, **(all_ports(0) if port == 0 else {}))
    kernel.connection = {**kernel.connection, "ip": "127.0.0.1"}
    with kernel.client() as client:
        client.check_alive()
    assert json.loads(kernel.connection_file.read_text())["ip"] == ip
