#!/usr/bin/env python3
"""Executes a notebook and prints each cell with what came out of it. The notebook stays as it is.

    show_notebook.py [--kernel NAME] NOTEBOOK

Exits with 1 when a cell fails that is not tagged `raises-exception`.
"""
import argparse
import os
import re
import sys
import tempfile
import textwrap

# Where Jupyter puts connection files; set before Jupyter is imported, and gone afterwards.
scratch = tempfile.TemporaryDirectory(prefix="hilum-notebook-")
os.environ["JUPYTER_RUNTIME_DIR"] = scratch.name

import nbclient  # noqa: E402
import nbformat  # noqa: E402

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def plain(text):
    """Without the colours, when nobody would see them."""
    text = "".join(text) if isinstance(text, list) else text
    return text if sys.stdout.isatty() else ANSI.sub("", text)


def show(label, text):
    label = f"{label:<9}"
    lines = text.rstrip("\n").split("\n")
    for start, line in zip([label] + [" " * len(label)] * len(lines), lines):
        print((start + line).rstrip())


def show_bundle(label, data):
    text = data.get("text/plain", data.get("text/markdown"))
    show(label, plain(text) if text is not None else "")
    for mime_type, value in data.items():
        if mime_type != "text/plain":
            size = len(value) if isinstance(value, (str, list)) else len(str(value))
            show("", f"<{mime_type}, {size} characters>")


def show_output(output, count):
    if output.output_type == "stream":
        show("" if output.name == "stdout" else output.name + ":", plain(output.text))
    elif output.output_type == "execute_result":
        show_bundle(f"Out[{count}]:", output.data)
    elif output.output_type in ("display_data", "update_display_data"):
        show_bundle("", output.data)
    elif output.output_type == "error":
        show("error:", plain("\n".join(output.traceback) or f"{output.ename}: {output.evalue}"))


def show_code(cell):
    count = cell.execution_count or " "
    show(f"In [{count}]:", cell.source)
    for output in cell.outputs:
        show_output(output, count)
    print()


def show_prose(source):
    for line in re.sub(r"</?kbd>", "", source).strip().split("\n"):
        print(textwrap.fill(line, 100))
    print()


class Shown:
    """Prints cells in the notebook's order, each as soon as it has run."""

    def __init__(self, notebook):
        self.cells = notebook.cells
        self.next = 0

    def up_to(self, index):
        for cell in self.cells[self.next:index + 1]:
            if cell.cell_type == "code":
                if cell.source.strip():
                    show_code(cell)
            elif cell.source.strip():
                show_prose(cell.source)
        self.next = max(self.next, index + 1)
        sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernel", help="instead of the one that the notebook names")
    parser.add_argument("notebook")
    arguments = parser.parse_args()
    notebook = nbformat.read(arguments.notebook, as_version=4)
    shown = Shown(notebook)
    options = {"kernel_name": arguments.kernel} if arguments.kernel else {}
    client = nbclient.NotebookClient(
        notebook, timeout=120, startup_timeout=60,
        resources={"metadata": {"path": os.path.dirname(os.path.abspath(arguments.notebook))}},
        on_cell_executed=lambda cell, cell_index, **rest: shown.up_to(cell_index),
        **options)
    try:
        client.execute()
    except nbclient.exceptions.CellExecutionError:
        sys.exit("show_notebook: this cell failed, the rest was not run")
    except (nbclient.exceptions.DeadKernelError, RuntimeError) as error:
        sys.exit(f"show_notebook: the kernel does not run: {error}")
    shown.up_to(len(notebook.cells))


if __name__ == "__main__":
    main()
