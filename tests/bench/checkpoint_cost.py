"""What checkpoints cost: the latency of a cell that changes something, and of one that does not, with
checkpoints on and off, against the size of the session. Prints a table and writes a plot.

    python3 tests/bench/checkpoint_cost.py BUILD [--plot docs/checkpoint-cost.svg] [--max-mb 2048]
"""
import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from jupyter_client.manager import KernelManager

CELLS = {"changes": "n = n + 1", "looks": "1+1"}
ROUNDS = 60


class Kernel:
    def __init__(self, build, enabled):
        self.folder = tempfile.TemporaryDirectory()
        config = Path(self.folder.name) / "hilum.json"
        config.write_text(json.dumps({"checkpoints": {"enabled": enabled}}))
        self.manager = KernelManager(kernel_name="none")
        self.manager._kernel_spec = self.spec(build, config)
        self.manager.start_kernel()
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.run("n = 0")

    @staticmethod
    def spec(build, config):
        from jupyter_client.kernelspec import KernelSpec
        return KernelSpec(argv=[f"{build}/hilum", "run", "--config", str(config), "--evaluator", "lua",
                                "-f", "{connection_file}"], display_name="", language="lua")

    def run(self, code):
        """Seconds from the request to idle."""
        start = time.perf_counter()
        request = self.client.execute(code)
        self.client.get_shell_msg(timeout=120)
        while True:
            message = self.client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") == request and \
                    message["content"].get("execution_state") == "idle":
                return time.perf_counter() - start

    def median_ms(self, code, pause):
        times = []
        for _ in range(ROUNDS):
            time.sleep(pause)
            times.append(self.run(code))
        return 1000 * statistics.median(times)

    def grow(self, megabytes):
        self.run(f"big = {{}}; collectgarbage(); "
                 f"for i = 1, {megabytes} do big[i] = string.rep('x', 1 << 20) end")

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.folder.cleanup()


def measure(build, sizes):
    kernels = {"on": Kernel(build, True), "off": Kernel(build, False)}
    rows = []
    for size in sizes:
        row = {"mb": size}
        for kernel in kernels.values():
            kernel.grow(size)
        for what, code in CELLS.items():
            for pause, gap in ((0, ""), (0.02, " after 20 ms")):
                for mode, kernel in kernels.items():
                    row[f"{what}{gap}, {mode}"] = kernel.median_ms(code, pause)
        rows.append(row)
        print("  ".join(f"{key}: {value:.3g}" for key, value in row.items()), flush=True)
    for kernel in kernels.values():
        kernel.close()
    return rows


def plot(rows):
    """Milliseconds over the size of the session, both on a logarithmic scale of two's powers."""
    width, height, left, bottom = 640, 360, 60, 50
    series = [("changes, on", "#c0392b"), ("changes, off", "#7f8c8d"),
              ("changes after 20 ms, on", "#e67e22"), ("looks, on", "#2980b9")]
    top = 1.15 * max(row[name] for row in rows for name, _ in series)
    x = [left + i * (width - left - 20) / max(1, len(rows) - 1) for i in range(len(rows))]

    def y(value):
        return height - bottom - value / top * (height - bottom - 20)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
           'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>']
    for i in range(5):
        value = top * i / 4
        out.append(f'<path d="M{left} {y(value):.1f}H{width - 20}" stroke="#ddd"/>'
                   f'<text x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.1f}</text>')
    for at, row in zip(x, rows):
        out.append(f'<text x="{at:.1f}" y="{height - bottom + 18}" text-anchor="middle">{row["mb"]}</text>')
    out.append(f'<text x="{(left + width) / 2}" y="{height - 8}" text-anchor="middle">size of the session '
               f'(MB)</text><text x="14" y="{height / 2}" transform="rotate(-90 14 {height / 2})" '
               'text-anchor="middle">one cell (ms, median)</text>')
    for i, (name, colour) in enumerate(series):
        points = " ".join(f"{at:.1f},{y(row[name]):.1f}" for at, row in zip(x, rows))
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
                   f'<text x="{left + 10}" y="{34 + 16 * i}" fill="{colour}">{name}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--plot")
    parser.add_argument("--max-mb", type=int, default=2048)
    options = parser.parse_args()
    os.environ["HILUM_EVALUATOR_PATH"] = str(Path(options.build) / "plugins/lua/.libs")
    sizes = [size for size in (0, 10, 50, 100, 250, 500, 1000, 2048) if size <= options.max_mb]
    rows = measure(str(Path(options.build).resolve()), sizes)
    if options.plot:
        Path(options.plot).write_text(plot(rows))


if __name__ == "__main__":
    main()
