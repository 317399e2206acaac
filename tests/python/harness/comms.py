"""Comms as a frontend has them, over a Client of the harness."""
import uuid


class Comm:
    """A comm of a frontend, opened by it or by the kernel."""

    def __init__(self, client, comm_id=None):
        self.client = client
        self.id = comm_id or uuid.uuid4().hex

    def send(self, msg_type, data=None, buffers=(), metadata=None, **fields):
        """Sends a comm message and returns what IOPub says for it, busy and idle left out."""
        request = self.client.send("shell", msg_type, {"comm_id": self.id, **fields,
                                                       "data": {} if data is None else data},
                                   buffers=list(buffers), metadata=metadata)
        return self.client.until_idle(request)[1:-1]

    def open(self, target, data=None, buffers=(), metadata=None):
        return self.send("comm_open", data, buffers, metadata, target_name=target)

    def message(self, data=None, buffers=(), metadata=None):
        return self.send("comm_msg", data, buffers, metadata)

    def close(self, data=None):
        return self.send("comm_close", data)


def listed(client, content=None, channel="shell"):
    """{comm_id: target_name} as comm_info_request tells."""
    comms = client.ask("comm_info_request", content or {}, channel).content["comms"]
    return {comm_id: comm["target_name"] for comm_id, comm in comms.items()}
