"""The contents of messages as the specification (5.5) gives them, one table. A checker takes a
value and returns what is wrong with it, or None."""
import base64
import re


def string(value):
    return None if isinstance(value, str) else "not a string"


def integer(value):
    return None if isinstance(value, int) and not isinstance(value, bool) else "not an integer"


def count(value):
    return integer(value) or (None if value >= 0 else "negative")


def number(value):
    return None if isinstance(value, float) else integer(value)


def boolean(value):
    return None if isinstance(value, bool) else "not true or false"


def obj(value):
    return None if isinstance(value, dict) else "not an object"


def one_of(*allowed):
    return lambda value: None if value in allowed else f"not one of {allowed}"


def list_of(check):
    def checker(value):
        if not isinstance(value, list):
            return "not a list"
        wrong = [problem for problem in map(check, value) if problem]
        return f"holds something that is {wrong[0]}" if wrong else None
    return checker


def matching(pattern):
    def checker(value):
        if isinstance(value, str) and re.fullmatch(pattern, value):
            return None
        return f"does not match {pattern}"
    return checker


def mime_bundle(value):
    """Texts are strings (older clients: lists of lines), JSON types anything, images base64."""
    if not isinstance(value, dict):
        return "not an object"
    for mime_type, data in value.items():
        if not re.fullmatch(r"[\w.+-]+/[\w.+;=-]+", mime_type):
            return f"has the key {mime_type!r}, which is not a MIME type"
        if mime_type.startswith("image/") and not mime_type.endswith("+xml"):
            try:
                base64.b64decode(data, validate=True)
            except (ValueError, TypeError):
                return f"has {mime_type} that is not base64"
        elif not mime_type.endswith("json") and not isinstance(data, str):
            return f"has {mime_type} that is not a string"
    return None


def fields(required, optional=None):
    """An object with these members. More members are allowed: the specification grows."""
    def checker(value):
        if not isinstance(value, dict):
            return "not an object"
        for name, check in required.items():
            if name not in value:
                return f"without {name!r}"
            problem = check(value[name])
            if problem:
                return f"with {name!r} ({str(value[name])[:80]!r}) {problem}"
        for name, check in (optional or {}).items():
            if name in value:
                problem = check(value[name])
                if problem:
                    return f"with {name!r} ({str(value[name])[:80]!r}) {problem}"
        return None
    checker.names = {*required, *(optional or {})}
    return checker


ERROR = {"ename": string, "evalue": string, "traceback": list_of(string)}


def reply(required, optional=None, extra_always=None):
    """A reply's shape depends on its status."""
    always = extra_always or {}
    by_status = {
        "ok": fields({**required, **always}, optional),
        "error": fields({**ERROR, **always}),
        "aborted": fields(always),
    }

    def checker(value):
        if not isinstance(value, dict):
            return "not an object"
        if value.get("status") not in by_status:
            return f"with status {value.get('status')!r}"
        return by_status[value["status"]](value)
    checker.names = {"status", *required, *always, *(optional or {})}
    return checker


def user_expressions(value):
    """Each is {status: ok, data, metadata} or {status: error, ename, evalue, traceback}."""
    if not isinstance(value, dict):
        return "not an object"
    shape = reply({"data": mime_bundle, "metadata": obj})
    for name, entry in value.items():
        problem = shape(entry)
        if problem:
            return f"has {name!r} {problem}"
    return None


DISPLAY = {"data": mime_bundle, "metadata": obj}

CONTENTS = {
    # IOPub
    "status": fields({"execution_state": one_of("busy", "idle", "starting")}),
    "stream": fields({"name": one_of("stdout", "stderr"), "text": string}),
    "display_data": fields(DISPLAY, {"transient": obj}),
    "update_display_data": fields({**DISPLAY, "transient": fields({"display_id": string})}),
    "execute_input": fields({"code": string, "execution_count": count}),
    "execute_result": fields({**DISPLAY, "execution_count": count}),
    "error": fields(ERROR),
    "clear_output": fields({"wait": boolean}),
    "iopub_welcome": fields({"subscription": string}),
    "comm_open": fields({"comm_id": string, "target_name": string, "data": obj}),
    "comm_msg": fields({"comm_id": string, "data": obj}),
    "comm_close": fields({"comm_id": string, "data": obj}),
    # shell and control
    "kernel_info_reply": reply({
        "protocol_version": matching(r"5\.\d+(\.\d+)?"),
        "implementation": string,
        "implementation_version": string,
        "language_info": fields(
            {"name": string, "version": string, "mimetype": string,
             "file_extension": matching(r"\.\w+")},
            {"pygments_lexer": string, "nbconvert_exporter": string}),
        "banner": string,
        "help_links": list_of(fields({"text": string, "url": string})),
    }, {"supported_features": list_of(string), "debugger": boolean}),
    "execute_reply": reply(
        {"user_expressions": user_expressions},
        {"payload": list_of(obj)},
        extra_always={"execution_count": count}),
    "complete_reply": reply({"matches": list_of(string), "cursor_start": count,
                             "cursor_end": count, "metadata": obj}),
    "inspect_reply": reply({"found": boolean, "data": mime_bundle, "metadata": obj}),
    "is_complete_reply": fields({"status": one_of("complete", "incomplete", "invalid", "unknown")},
                                {"indent": string}),
    "history_reply": reply({"history": list_of(list_of(lambda entry: None))}),
    "comm_info_reply": reply({"comms": obj}),
    "connect_reply": reply({"shell_port": integer, "iopub_port": integer, "stdin_port": integer,
                            "hb_port": integer, "control_port": integer}),
    "shutdown_reply": reply({"restart": boolean}),
    "interrupt_reply": reply({}),
    "usage_reply": reply({"hostname": string, "pid": integer, "kernel_cpu": number,
                          "kernel_memory": integer, "cpu_count": integer,
                          "host_virtual_memory": obj}, {"host_cpu_percent": number}),
    # stdin
    "input_request": fields({"prompt": string, "password": boolean}),
}

# Which channel a message may come on. shutdown_reply is also broadcast on IOPub.
IOPUB_ONLY = {"status", "stream", "display_data", "update_display_data", "execute_input",
              "execute_result", "error", "clear_output", "iopub_welcome",
              "comm_open", "comm_msg", "comm_close"}
STDIN_ONLY = {"input_request"}


def channel_fits(msg_type, channel):
    if msg_type in IOPUB_ONLY:
        return channel == "iopub"
    if msg_type in STDIN_ONLY:
        return channel == "stdin"
    return channel in ("shell", "control") or (msg_type == "shutdown_reply" and channel == "iopub")


# What ipykernel 6.17 leaves out, so that the other checks can be tried on it.
LENIENT = {
    "interrupt_reply": fields({}),
    "execute_reply": reply({"user_expressions": user_expressions}, {"execution_count": count}),
}


def problem_with_content(msg_type, content, strict=True):
    check = CONTENTS.get(msg_type)
    if not strict:
        check = LENIENT.get(msg_type, check)
    if check is None:
        return f"a message of the unknown type {msg_type!r}"
    problem = check(content)
    return f"{msg_type} {problem}" if problem else None
