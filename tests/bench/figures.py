"""The figures that Hilum promises, from the JSON of the benchmark: a table for people, which can be put
into docs/performance.md, and a plot.

    tests/bench/bench --json results.json
    python3 tests/bench/figures.py results.json... [--document docs/performance.md] [--plot docs/performance.svg]

Of several files, which may hold different groups of metrics, each figure is the median.
"""
import argparse
import json
import re
import statistics
from pathlib import Path

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"

# What, metric, kernels, limit, and what the limit is of: "x" times the floor, "%" of the floor's rate,
# "max" the value itself, "" nothing was promised.
PROMISES = [
    ("execute `1+1`, p50", "execute_p50_us", ("hilum-echo", "hilum-lua"), 1.5, "x"),
    ("execute `1+1`, p99", "execute_p99_us", ("hilum-echo", "hilum-lua"), 3, "x"),
    ("kernel_info, p50", "kernel_info_p50_us", ("hilum-lua",), 1.5, "x"),
    ("kernel_info, p99", "kernel_info_p99_us", ("hilum-lua",), 3, "x"),
    ("pipelined executes, 100", "pipeline_100_per_s", ("hilum-echo", "hilum-lua"), 40, "%"),
    ("pipelined executes, 1,000", "pipeline_1000_per_s", ("hilum-echo", "hilum-lua"), 40, "%"),
    ("pipelined executes, 10,000", "pipeline_10000_per_s", ("hilum-echo", "hilum-lua"), 40, "%"),
    ("start-up", "startup_ms", ("hilum-lua",), 1.5, "x"),
    ("idle: PSS, kernel and worker (MB)", "idle_pss_mb", ("hilum-lua",), 8, "max"),
    ("idle: CPU (µs in a second)", "idle_cpu_us_per_s", ("hilum-lua",), 0, "max"),
    ("1,000,000 printed lines", "lines_mb_per_s", ("hilum-lua",), 50, "%"),
    ("one print of 100 MB", "big_mb_per_s", ("hilum-lua",), 50, "%"),
    ("peak memory, lines (MB)", "lines_peak_mb", ("hilum-lua",), 64, "max"),
    ("peak memory, big print (MB)", "big_peak_mb", ("hilum-lua",), 64, "max"),
    ("peak memory, lines to a reader of 1 MB/s (MB)", "slow_lines_peak_mb", ("hilum-lua",), 64, "max"),
    ("peak memory, big print to a reader of 1 MB/s (MB)", "slow_big_peak_mb", ("hilum-lua",), 64, "max"),
    ("lost to that reader (%)", "slow_big_lost_percent", ("hilum-lua",), 0, "max"),
    ("control during a flood, p99 (ms)", "control_flood_p99_ms", ("hilum-lua",), 20, "max"),
    ("200 kernels idle: PSS of each (MB)", "scale_idle_pss_mb", ("hilum-lua",), None, ""),
    ("200 kernels idle: CPU of all (µs in a second)", "scale_idle_cpu_us_per_s", ("hilum-lua",), 0, "max"),
    ("50 kernels busy: executes of all", "scale_busy_per_s", ("hilum-lua",), None, "%"),
    ("50 kernels busy: execute, p50", "scale_busy_p50_us", ("hilum-lua",), None, "x"),
    ("50 kernels busy: execute, p99", "scale_busy_p99_us", ("hilum-lua",), None, "x"),
]


def read(files):
    """{(metric, kernel): (value, ratio or None)}, each the median over the files."""
    values, ratios = {}, {}
    for file in files:
        for result in json.loads(Path(file).read_text())["results"]:
            key = result["metric"], result["kernel"]
            values.setdefault(key, []).append(result["value"])
            if "ratio_to_floor" in result:
                ratios.setdefault(key, []).append(result["ratio_to_floor"])
    return {key: (statistics.median(value), statistics.median(ratios[key]) if key in ratios else None)
            for key, value in values.items()}


def rows(figures):
    """What, kernel, measured, promised, share of the limit (1: just kept; None: nothing was promised)."""
    for what, metric, kernels, limit, kind in PROMISES:
        for kernel in kernels:
            if (metric, kernel) not in figures:
                continue
            value, ratio = figures[metric, kernel]
            share = None
            if kind == "x" and ratio is not None:
                measured, promised = f"{ratio:.2f}x", f"≤ {limit}x" if limit else ""
                share = ratio / limit if limit else None
            elif kind == "%" and ratio is not None:
                measured, promised = f"{100 * ratio:.0f} %", f"≥ {limit} %" if limit else ""
                share = limit / (100 * ratio) if limit and ratio else None
            else:
                measured, promised = f"{value:.3g}", f"≤ {limit}" if limit is not None else ""
                share = value / limit if limit else None if limit is None else float(value > 0) * 2
            floor = figures.get((metric, "floor"), (None,))[0]
            yield what, kernel.removeprefix("hilum-"), f"{value:.4g}", \
                "" if floor is None else f"{floor:.4g}", measured, promised, share


def table(figures):
    out = ["| figure | evaluator | value | floor | measured | promised | |",
           "| --- | --- | ---: | ---: | ---: | ---: | --- |"]
    for what, kernel, value, floor, measured, promised, share in rows(figures):
        verdict = "" if share is None else "kept" if share <= 1 else "**missed**"
        out.append(f"| {what} | {kernel} | {value} | {floor} | {measured} | {promised} | {verdict} |")
    return "\n".join(out)


def plot(figures):
    """How much of its limit each figure uses."""
    bars = [(f"{what} ({kernel})", measured, share)
            for what, kernel, _, _, measured, _, share in rows(figures) if share is not None]
    left, width, height, line = 330, 760, 40 + 20 * len(bars), 20
    scale = (width - left - 90) / 2
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
           'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>']
    for i, (name, measured, share) in enumerate(bars):
        y, colour = 28 + line * i, "#2980b9" if share <= 1 else "#c0392b"
        long = min(share, 2) * scale
        out.append(f'<text x="{left - 8}" y="{y + 11}" text-anchor="end">{name.replace("`", "")}</text>'
                   f'<rect x="{left}" y="{y}" width="{max(long, 1):.1f}" height="14" fill="{colour}"/>'
                   f'<text x="{left + long + 6:.1f}" y="{y + 11}">{measured}</text>')
    out.append(f'<path d="M{left + scale} 20V{height - 8}" stroke="black" stroke-dasharray="4"/>'
               f'<text x="{left + scale}" y="14" text-anchor="middle">the limit</text></svg>')
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="+")
    parser.add_argument("--document")
    parser.add_argument("--plot")
    options = parser.parse_args()
    figures = read(options.results)
    print(table(figures))
    if options.document:
        document = Path(options.document)
        document.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: f"{BEGIN}\n{table(figures)}\n{END}",
                                   document.read_text(), flags=re.S))
    if options.plot:
        Path(options.plot).write_text(plot(figures))


if __name__ == "__main__":
    main()
