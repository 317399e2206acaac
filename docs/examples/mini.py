#!/usr/bin/env python3
"""mini: Python as a Jupyter kernel, over Hilum's worker protocol (docs/worker-protocol.md)."""
import ast, json, os, re, signal, socket, sys, traceback

link = socket.socket(fileno=int(os.environ["HILUM_LINK_FD"]))
names, descriptors = {"__name__": "__main__"}, []
running, interruptible = 0, False  # the request that is served; may it be stopped now?

def on_interrupt(*_):
    global interruptible
    if interruptible:  # it is repeated until the reply, and one is enough
        interruptible = False
        raise KeyboardInterrupt

def uninterrupted(function):  # half a message would be the end of the link
    def wrapper(*arguments):
        global interruptible
        before, interruptible = interruptible, False
        try: return function(*arguments)
        finally: interruptible = before
    return wrapper

@uninterrupted
def send(kind, content={}):
    sys.stdout.flush(), sys.stderr.flush()
    body = json.dumps(content).encode()
    header = json.dumps({"type": kind, "id": running, "parts": [len(body)]}).encode()
    link.sendall(header + b"\n" + body)

def read(size):
    data = b""
    while len(data) < size:
        more, fds, _, _ = socket.recv_fds(link, size - len(data), 2)
        descriptors.extend(fds)
        data += more or sys.exit()  # the driver is gone
    return data

def receive():
    header = json.loads(b"".join(iter(lambda: read(1), b"\n")))  # byte by byte: short, not fast
    parts = [read(size) for size in header["parts"]]
    return header["type"], header["id"], json.loads(parts[0]) if parts else {}

@uninterrupted
def ask(kind, content={}):
    send(kind + "_request", content)
    while True:
        got, request, answer = receive()
        if got == kind + "_reply" and request == running:  # any other is stale
            return answer

def read_line(prompt=""):
    answer = ask("input", {"prompt": str(prompt), "password": False})
    if answer.get("status") == "interrupted": on_interrupt()
    if "value" not in answer: raise EOFError(answer["status"])
    return answer["value"]

def display(html, text=""):
    send("display_data", {"data": {"text/html": html, "text/plain": text}, "metadata": {}})
    ask("sync")  # what is printed from here on comes after it

def execute(request):
    global interruptible
    interruptible = True
    try:
        try:
            tree = ast.parse(request["code"], request["name"])
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, request["name"], "exec"), names)
            value = last and eval(compile(ast.Expression(last.value), request["name"], "eval"), names)
            if value is not None:
                send("execute_result", {"data": {"text/plain": repr(value)}, "metadata": {}})
            reply = {"status": "ok"}
        except Exception as error:
            reply = {"status": "error", "ename": type(error).__name__, "evalue": str(error),
                     "traceback": traceback.format_exc().splitlines()}
        interruptible = False
        return reply
    except KeyboardInterrupt:
        return {"status": "aborted"}

def complete(request):
    word = re.search(r"\w*$", request["code"][:request["cursor_pos"]])
    return {"status": "ok", "matches": sorted(name for name in names if name.startswith(word[0])),
            "cursor_start": word.start(), "cursor_end": word.end()}

def redirect(_):
    os.dup2(descriptors[0], 1), os.dup2(descriptors[1], 2)
    while descriptors: os.close(descriptors.pop())

signal.signal(signal.SIGINT, on_interrupt)
names.update(display=display, input=read_line)
services = {"load_request": lambda _: {"status": "ok"}, "execute_request": execute, "redirect": redirect,
            "complete_request": complete, "shutdown_request": lambda _: sys.exit()}
send("hello", {"protocol": 1, "name": "mini", "version": "1", "capabilities": ["complete"],
               "language_info": {"name": "python", "mimetype": "text/x-python", "file_extension": ".py"}})
while True:
    kind, running, content = receive()
    reply, interruptible = services.get(kind, lambda _: None)(content), False
    if reply: send(kind.replace("request", "reply"), reply)
